/*
 * Copyright 2026 The djl-tcnn authors
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package io.github.djltcnn.nn;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Parameter files that lie, and what loading one leaves behind. */
public class LayerFileTest {

    private static final Shape INPUT = new Shape(2, 4, 6, 6);
    private static final long HUGE = 1L << 62;

    /** The time limits of the tests are not for starting the engine. */
    @BeforeClass
    public void startEngine() {
        NDManager.newBaseManager().close();
    }

    private static TensorialConv2d conv(TensorFormat format) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(8)
                .optName("body.conv")
                .build();
    }

    private static byte[] header(String notation, long... input) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream os = new DataOutputStream(bytes);
        os.writeByte(1);
        os.writeByte(input.length);
        for (long size : input) {
            os.writeLong(size);
        }
        os.writeUTF(notation);
        return bytes.toByteArray();
    }

    @DataProvider
    public Object[][] lies() {
        String large = "i1=2147483648 r1=1, r1 i2=2147483648 r2=1, r2 h=3 w=3 r3=1, r3 o=8";
        return new Object[][] {
            {large, new long[] {2, HUGE, 6, 6}, "2147483647"},
            {"i=4611686018427387904 o=8 h=3 w=3", new long[] {2, HUGE, 6, 6}, "2147483647"},
            {large, new long[] {2, 4, 6, 6}, "no network"},
            {"i=4 r=1, r h=3 w=3, r o=8", new long[] {2, 2147483647, 6, 6}, "no kernel"},
            {"i=2147483647 r=1, r h=3 w=3, r o=8", new long[] {2, 2147483647, 6, 6}, "the layer"},
            {"i=4 r=1, r h=3 w=3, r o=8", new long[] {2, -4, 6, 6}, "does not fit"},
            {"i=4 r=1, r h=3 w=3, r o=8", new long[] {2, 4}, "does not fit"},
            {"nonsense", new long[] {2, 4, 6, 6}, "no network"},
            {"", new long[] {2, 4, 6, 6}, "no network"},
            {"i=4 r=9223372036854775807, r h=3 w=3, r o=8", new long[] {2, 4, 6, 6}, "no network"},
        };
    }

    @Test(dataProvider = "lies", timeOut = 60_000)
    public void aHostileHeaderIsRefusedAtOnce(String notation, long[] input, String word)
            throws IOException {
        byte[] file = header(notation, input);
        try (NDManager manager = NDManager.newBaseManager()) {
            for (TensorFormat format :
                    List.of(
                            TensorFormats.tensorTrain(Rank.of(2)),
                            TensorFormats.tensorTrainMatrix(Rank.of(2)),
                            TensorFormats.tensorRing(Rank.ratio(.5)),
                            TensorFormats.graph("i1 i2 i3 r=2, r h w, r o1 o2"))) {
                MalformedModelException e =
                        Assert.expectThrows(
                                MalformedModelException.class,
                                () ->
                                        conv(format)
                                                .loadParameters(
                                                        manager,
                                                        new DataInputStream(
                                                                new ByteArrayInputStream(file))));
                String told = e.getMessage() + " / " + e.getCause();
                Assert.assertTrue(told.contains("body.conv"), told);
                Assert.assertTrue(told.contains(word), told);
            }
        }
    }

    /** Loading another number of channels closes the arrays of the old network. */
    @Test
    public void loadingAnotherNetworkClosesTheOldOne() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorFormat format = TensorFormats.tensorRing(Rank.of(2));
            TensorialConv2d wide = conv(format);
            wide.initialize(manager, DataType.FLOAT32, new Shape(2, 6, 6, 6));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            wide.saveParameters(new DataOutputStream(bytes));
            TensorialConv2d conv = conv(format);
            try (NDManager own = NDManager.newBaseManager()) {
                conv.initialize(own, DataType.FLOAT32, INPUT);
                NDList old = conv.getCores();
                int count = own.getManagedArrays().size();
                for (int round = 0; round < 3; round++) {
                    conv.loadParameters(
                            own,
                            new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
                    Assert.assertEquals(own.getManagedArrays().size(), count, "arrays owned");
                }
                old.forEach(array -> Assert.assertTrue(array.isReleased(), "left open"));
                NDArray x = own.ones(new Shape(2, 6, 6, 6));
                NDArray y =
                        conv.forward(new ParameterStore(own, false), new NDList(x), false).head();
                NDArray expected =
                        wide.forward(
                                        new ParameterStore(manager, false),
                                        new NDList(manager.ones(new Shape(2, 6, 6, 6))),
                                        false)
                                .head();
                Assert.assertEquals(y.toFloatArray(), expected.toFloatArray());
            }
        }
    }

    /** The layer's own store says nothing about a device that it does not know. */
    @Test
    public void anInputOnADeviceWithoutParametersIsExplained() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialConv2d conv = conv(TensorFormats.cp(Rank.of(2)));
            conv.initialize(manager, DataType.FLOAT32, INPUT);
            ParameterStore elsewhere = new ParameterStore(manager, false);
            elsewhere.setParameterServer(null, new ai.djl.Device[] {ai.djl.Device.gpu(3)});
            NDList x = new NDList(manager.ones(INPUT));
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> conv.forward(elsewhere, x, false));
            Assert.assertTrue(e.getMessage().contains("body.conv"), e.getMessage());
            Assert.assertTrue(e.getMessage().contains("toDevice"), e.getMessage());
        }
    }
}
