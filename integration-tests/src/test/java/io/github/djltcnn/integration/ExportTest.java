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

import ai.djl.Model;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.export.Exports;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.zoo.TensorialResNet;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Every format in both kinds of residual network leaves as TorchScript and as ONNX, and computes
 * there what it computes here.
 */
public class ExportTest {

    private static final double CLOSE = 1e-5;
    private static final long[] BATCHES = {1, 3, 32};

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
        agree(name, block, new Shape(3, 32, 32), ExportOptions.standard());
    }

    @Test(dataProvider = "formats")
    public void imageNetNetworks(String name, TensorFormat format) throws Exception {
        Block block = TensorialResNet.imageNet(18).setOutSize(10).optFormat(format).build();
        agree(name, block, new Shape(3, 33, 40), ExportOptions.standard());
    }

    @Test(dataProvider = "formats")
    public void coresMayStay(String name, TensorFormat format) throws Exception {
        Block block = TensorialResNet.cifar(8).setOutSize(10).optFormat(format).build();
        agree(
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
        agree(name, block, new Shape(3, 64, 64), ExportOptions.standard());
    }

    @Test
    public void aConvertedNetwork() throws Exception {
        Shape one = new Shape(3, 40, 40);
        Block block = ResNetV1.builder().setImageShape(one).setNumLayers(18).setOutSize(10).build();
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(one));
            Tensorizer.builder()
                    .setFormat(TensorFormats.tucker2(Rank.upTo(6)))
                    .optFilter(path -> !path.contains("inear"))
                    .optKeepFirst(true)
                    .build()
                    .convert(block, new Shape(1).addAll(one));
            agree("converted", block, one, ExportOptions.standard());
        }
    }

    private static void agree(String name, Block block, Shape one, ExportOptions options)
            throws Exception {
        Path folder = Files.createTempDirectory("export");
        Path torch = folder.resolve("model.pt");
        Path onnx = folder.resolve("model.onnx");
        Shape shape = new Shape(1).addAll(one);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (NDManager manager = NDManager.newBaseManager()) {
            if (!block.isInitialized()) {
                block.initialize(manager, DataType.FLOAT32, shape);
            }
            disturb(block);
            Exports.torchScript(block, shape, torch, options);
            Exports.onnx(block, shape, onnx, options);
            try (Model loaded = Model.newInstance("loaded", manager.getDevice(), "PyTorch");
                    OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
                loaded.load(torch);
                settings.setIntraOpNumThreads(1);
                try (Compiled compiled = Compiled.of(block, shape, options);
                        OrtSession session = environment.createSession(onnx.toString(), settings)) {
                    for (long batch : BATCHES) {
                        try (NDManager scope = manager.newSubManager()) {
                            NDArray x = scope.randomNormal(new Shape(batch).addAll(one));
                            NDArray wanted = predict(block, x);
                            String what = name + ", batch " + batch;
                            close(predict(loaded.getBlock(), x), wanted, what + ", TorchScript");
                            close(predict(compiled, x), wanted, what + ", compiled");
                            close(predict(session, x), wanted, what + ", ONNX");
                        }
                    }
                }
            }
        } finally {
            try (var files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Statistics and shifts as after training, so that a norm that is lost shows. */
    private static void disturb(Block block) {
        Random random = new Random(7);
        for (Pair<String, Parameter> pair : block.getParameters()) {
            Parameter parameter = pair.getValue();
            NDArray array = parameter.getArray();
            float[] numbers = new float[(int) array.size()];
            boolean spread =
                    parameter.getType() == Parameter.Type.RUNNING_VAR
                            || parameter.getType() == Parameter.Type.GAMMA;
            boolean shift =
                    List.of(Parameter.Type.RUNNING_MEAN, Parameter.Type.BETA, Parameter.Type.BIAS)
                            .contains(parameter.getType());
            if (spread || shift) {
                for (int n = 0; n < numbers.length; n++) {
                    numbers[n] = spread ? 0.5f + random.nextFloat() : random.nextFloat() - 0.5f;
                }
                array.set(FloatBuffer.wrap(numbers));
            }
        }
    }

    private static NDArray predict(Block block, NDArray x) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        return block.forward(store, new NDList(x), false).head();
    }

    private static NDArray predict(OrtSession session, NDArray x) throws Exception {
        try (OnnxTensor tensor =
                        OnnxTensor.createTensor(
                                OrtEnvironment.getEnvironment(),
                                FloatBuffer.wrap(x.toFloatArray()),
                                x.getShape().getShape());
                OrtSession.Result result = session.run(Map.of("input", tensor))) {
            OnnxTensor output = (OnnxTensor) result.get(0);
            return x.getManager()
                    .create(output.getFloatBuffer(), new Shape(output.getInfo().getShape()));
        }
    }

    private static void close(NDArray found, NDArray wanted, String what) {
        Assert.assertEquals(found.getShape(), wanted.getShape(), what);
        float largest = wanted.abs().max().getFloat();
        float apart = found.sub(wanted).abs().max().getFloat();
        Assert.assertTrue(apart <= CLOSE * largest, what + ": " + apart + " of " + largest);
    }
}
