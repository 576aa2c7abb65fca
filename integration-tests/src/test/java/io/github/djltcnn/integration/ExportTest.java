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
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.zoo.TensorialResNet;
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

    @Test(dataProvider = "networks")
    public void networksOfDjl(String name, Block block) throws Exception {
        Agreement.check(name, block, new Shape(3, 64, 64), ExportOptions.standard());
    }
}
