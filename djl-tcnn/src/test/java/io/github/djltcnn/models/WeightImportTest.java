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
package io.github.djltcnn.models;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.models.internal.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Weights of files that fit, and what is said of those that do not. */
public class WeightImportTest {

    private static final NameMap NAMES =
            new NameMap() {

                @Override
                public String fileName(String path, Parameter.Type type) {
                    return "net." + path;
                }

                @Override
                public boolean isIgnored(String name) {
                    return name.endsWith("num_batches_tracked");
                }
            };

    private Path file;

    @BeforeClass
    public void makeFile() throws IOException {
        file = Files.createTempFile("weights", ".safetensors");
    }

    @AfterClass
    public void deleteFile() throws IOException {
        Files.delete(file);
    }

    private static Map<String, NDArray> weights(SequentialBlock net, NDManager manager) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        BlockTree.parameters(net)
                .forEach(
                        (path, p) ->
                                weights.put(
                                        "net." + path,
                                        manager.randomUniform(1, 2, p.getArray().getShape())));
        return weights;
    }

    @Test
    public void weightsThatFitAreCopied() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Map<String, NDArray> weights = weights(net, manager);
            weights.put("net.num_batches_tracked", manager.ones(new Shape(1)));
            Safetensors.write(file, weights);
            int arrays = manager.getManagedArrays().size();
            WeightImport.fromSafetensors(net, file, NAMES);
            for (Map.Entry<String, Parameter> entry : BlockTree.parameters(net).entrySet()) {
                Assert.assertEquals(
                        entry.getValue().getArray().toFloatArray(),
                        weights.get("net." + entry.getKey()).toFloatArray());
            }
            Assert.assertEquals(manager.getManagedArrays().size(), arrays);
        }
    }

    @Test
    public void whatDoesNotFitIsListedTogether() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Map<String, NDArray> weights = weights(net, manager);
            weights.remove("net.06Linear.bias");
            weights.remove("net.01Conv2d.bias");
            weights.put("net.06Linear.weight", manager.ones(new Shape(3, 2)));
            weights.put("fc.weight", manager.ones(new Shape(1)));
            weights.put("aux", manager.ones(new Shape(1), DataType.FLOAT64));
            Safetensors.write(file, weights);
            float[] before = net.getParameters().get("01Conv2d_weight").getArray().toFloatArray();
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> WeightImport.fromSafetensors(net, file, NAMES));
            String shape = net.getParameters().get("06Linear_weight").getArray().getShape() + "]";
            Assert.assertEquals(
                    e.getMessage(),
                    file.getFileName()
                            + " does not fit the model. Missing: [net.01Conv2d.bias,"
                            + " net.06Linear.bias]; of another shape: [net.06Linear.weight (3, 2)"
                            + " instead of "
                            + shape
                            + "; unexpected: [aux, fc.weight]. Parameters that are to stay as they"
                            + " are can be skipped, names of the file that are of no use ignored by"
                            + " the NameMap");
            Assert.assertEquals(
                    net.getParameters().get("01Conv2d_weight").getArray().toFloatArray(), before);
        }
    }

    private void write(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(json.length).put(json).put(data).array());
    }

    @DataProvider
    public Object[][] malformed() {
        String start = "{\"a\":{\"dtype\":\"F32\",";
        String good = start + "\"shape\":[2],\"data_offsets\":[0,8]}";
        return new Object[][] {
            {start + "\"shape\":6,\"data_offsets\":[0,8]}}", "header"},
            {start + "\"shape\":{},\"data_offsets\":[0,8]}}", "header"},
            {start + "\"shape\":[2],\"data_offsets\":\"0,8\"}}", "header"},
            {start + "\"shape\":[\"2\"],\"data_offsets\":[0,8]}}", "header"},
            {start + "\"shape\":[2.5],\"data_offsets\":[0,8]}}", "header"},
            {start + "\"shape\":[1e0],\"data_offsets\":[0,8]}}", "header"},
            {start + "\"shape\":[null],\"data_offsets\":[0,8]}}", "header"},
            {start + "\"shape\":[3],\"data_offsets\":[0,8]}}", "stands at [0,8]"},
            {"{\"a\":5}", "header"},
            {"{\"a\":null}", "header"},
            {"{\"a\":{}}", "header"},
            {"[]", "header"},
            {"{", "header"},
            {good + "} x", "follows"},
            {good + "," + good.substring(1) + "}", "two arrays \"a\""},
            {good.replace("F32", "") + "}", "a"},
        };
    }

    @Test(dataProvider = "malformed")
    public void malformedHeadersAreRefused(String header, String message) throws Exception {
        write(header, new byte[8]);
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> WeightImport.fromSafetensors(net, file, NAMES));
            Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }

    private static SequentialBlock linear(NDManager manager) {
        SequentialBlock net =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(2).build())
                        .add(Linear.builder().setUnits(2).build());
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
        return net;
    }

    /**
     * Both weights have one array in the file, the biases another, in bfloat16; others are left.
     */
    @Test
    public void sharedNamesAndOtherTypesAreRead() throws Exception {
        NameMap tied =
                new NameMap() {

                    @Override
                    public String fileName(String path, Parameter.Type type) {
                        return type == Parameter.Type.BIAS ? "b" : "w";
                    }

                    @Override
                    public boolean isIgnored(String name) {
                        return name.startsWith("x");
                    }
                };
        ByteBuffer data = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(1).putFloat(2).putFloat(3).putFloat(4);
        // 1.5 and -2 in bfloat16, then numbers of types that DJL has not.
        data.putShort((short) 0x3fc0).putShort((short) 0xc000).putLong(7);
        String header =
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
                        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[16,20]},"
                        + "\"x\":{\"dtype\":\"U16\",\"shape\":[2],\"data_offsets\":[20,24]},"
                        + "\"xx\":{\"dtype\":\"F8_NEW\",\"shape\":[4],\"data_offsets\":[24,28]}}";
        write(header, data.array());
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = linear(manager);
            List<String> filled = WeightImport.fromSafetensors(net, file, tied, path -> false);
            Assert.assertEquals(filled.size(), 4);
            for (Parameter parameter : net.getParameters().values()) {
                boolean bias = parameter.getType() == Parameter.Type.BIAS;
                Assert.assertEquals(
                        parameter.getArray().toFloatArray(),
                        bias ? new float[] {1.5f, -2} : new float[] {1, 2, 3, 4});
            }
            // Where such a type is wanted, it is named, and nothing changes.
            write(header.replace("F32\",\"shape\":[2,2]", "U32\",\"shape\":[2,2]"), data.array());
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> WeightImport.fromSafetensors(net, file, tied));
            Assert.assertTrue(e.getMessage().contains("cannot be read: [w U32]"), e.getMessage());
        }
    }

    /** Another head and other channels stay as they are. */
    @Test
    public void whatIsSkippedStays() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Map<String, NDArray> weights = weights(net, manager);
            weights.put("net.06Linear.weight", manager.ones(new Shape(7, 3)));
            weights.remove("net.06Linear.bias");
            Safetensors.write(file, weights);
            Map<String, Parameter> parameters = BlockTree.parameters(net);
            float[] head = parameters.get("06Linear.weight").getArray().toFloatArray();
            List<String> filled =
                    WeightImport.fromSafetensors(net, file, NAMES, path -> path.startsWith("06"));
            Assert.assertEquals(filled.size(), parameters.size() - 2);
            Assert.assertEquals(parameters.get("06Linear.weight").getArray().toFloatArray(), head);
            Assert.assertEquals(
                    parameters.get("01Conv2d.weight").getArray().toFloatArray(),
                    weights.get("net.01Conv2d.weight").toFloatArray());
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> WeightImport.fromSafetensors(net, file, NAMES, path -> true));
        }
    }
}
