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
package io.github.djltcnn.integration;

import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.zoo.TensorialResNet;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Every format in both kinds of residual network leaves as TorchScript and as ONNX, and computes
 * there what it computes here.
 */
public class ExportTest {

    /** Formats by name. */
    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {"dense", TensorFormats.dense()},
            {"CP", TensorFormats.cp(Rank.of(12))},
            {"Tucker-2", TensorFormats.tucker2(Rank.of(8))},
            {"tensor train", TensorFormats.tensorTrain(Rank.of(6))},
            {"tensor-train matrix", TensorFormats.tensorTrainMatrix(Rank.of(6))},
            {"tensor ring", TensorFormats.tensorRing(Rank.of(5))},
            {"hyper-Tucker-2", TensorFormats.hyperTucker2(Rank.of(8))},
            {"block-term", TensorFormats.blockTerm(2, Rank.of(4))},
        };
    }

    @Test(dataProvider = "formats")
    public void cifarNetworks(String name, TensorFormat format) throws Exception {
        Block block = TensorialResNet.cifar(8).setOutSize(10).optFormat(format).build();
        Agreement.check(name, block, new Shape(3, 32, 32), ExportOptions.standard());
    }

    @Test(dataProvider = "formats")
    public void imageNetNetworks(String name, TensorFormat format) throws Exception {
        Block block = TensorialResNet.imageNet(18).setOutSize(10).optFormat(format).build();
        Agreement.check(name, block, new Shape(3, 33, 40), ExportOptions.standard());
    }

    @Test(dataProvider = "formats")
    public void coresMayStay(String name, TensorFormat format) throws Exception {
        Block block = TensorialResNet.cifar(8).setOutSize(10).optFormat(format).build();
        Agreement.check(
                name,
                block,
                new Shape(3, 16, 16),
                ExportOptions.builder().optFactorised(true).build());
    }

    /** Networks of DJL's model zoo. */
    @DataProvider
    public Object[][] networks() {
        return new Object[][] {
            {"ResNetV1-18", resNet(18)},
            {"ResNetV1-50", resNet(50)},
            {"MobileNetV1", MobileNetV1.builder().setOutSize(10).build()},
            {"SqueezeNet", SqueezeNet.squeezenet(10)},
        };
    }

    private static Block resNet(int layers) {
        return ResNetV1.builder()
                .setImageShape(new Shape(3, 64, 64))
                .setNumLayers(layers)
                .setOutSize(10)
                .build();
    }

    /**
     * MobileNetV2 is deep and narrow: in float32 its own numbers are about 1e-5 from those in
     * float64. Folding, which is done in float64, must not add to that.
     */
    @Test
    public void aDeepNetworkIsAsExactAsItWas() {
        Shape one = new Shape(1, 3, 64, 64);
        Block block = MobileNetV2.builder().setOutSize(10).build();
        Block exact = MobileNetV2.builder().setOutSize(10).build();
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, one);
            exact.initialize(manager, DataType.FLOAT64, one);
            Agreement.disturb(block);
            for (int n = 0; n < block.getParameters().size(); n++) {
                NDArray numbers = block.getParameters().valueAt(n).getArray();
                numbers.toType(DataType.FLOAT64, false)
                        .copyTo(exact.getParameters().valueAt(n).getArray());
            }
            try (Compiled compiled = Compiled.of(block, one)) {
                NDArray x = manager.randomNormal(new Shape(8, 3, 64, 64));
                NDArray truth = Agreement.predict(exact, x.toType(DataType.FLOAT64, false));
                double own = Agreement.apart(Agreement.predict(block, x), truth);
                double apart = Agreement.apart(Agreement.predict(compiled, x), truth);
                Assert.assertTrue(
                        apart <= 2 * own, apart + " from float64, the block itself " + own);
                Assert.assertTrue(own < Agreement.DEEP, own + " from float64");
            }
        }
    }

    @Test(dataProvider = "networks")
    public void networksOfDjl(String name, Block block) throws Exception {
        Agreement.check(name, block, new Shape(3, 64, 64), ExportOptions.standard());
    }
}
