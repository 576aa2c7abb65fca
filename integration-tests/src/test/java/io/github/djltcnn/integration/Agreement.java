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
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.export.Exports;
import io.github.djltcnn.testing.files.Folders;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.testng.Assert;

/** A block and its exports, side by side. */
final class Agreement {

    /** So far may numbers be apart, of the largest. */
    static final double CLOSE = 1e-5;

    /**
     * The same for a network whose own numbers, in float32, are farther than {@link #CLOSE} from
     * those in float64.
     */
    static final double DEEP = 5e-5;

    private static final long[] BATCHES = {1, 3, 32};

    private Agreement() {}

    /** Makes a batch of inputs. */
    @FunctionalInterface
    interface Inputs {

        /** The inputs, which belong to the manager. */
        NDArray batch(NDManager manager, long batch);
    }

    /** Exports a block, and asserts that it computes the same from random numbers. */
    static void check(String name, Block block, Shape one, ExportOptions options) throws Exception {
        check(
                name,
                block,
                one,
                options,
                CLOSE,
                List.of((manager, batch) -> manager.randomNormal(new Shape(batch).addAll(one))));
    }

    /**
     * Exports a block, and asserts that it computes the same as TorchScript from a file, compiled
     * and in ONNX Runtime.
     *
     * @return how far each was from the block at most, of the largest number
     */
    static Map<String, Double> check(
            String name,
            Block block,
            Shape one,
            ExportOptions options,
            double close,
            List<Inputs> inputs)
            throws Exception {
        Path folder = Files.createTempDirectory("export");
        Path torch = folder.resolve("model.pt");
        Path onnx = folder.resolve("model.onnx");
        Shape shape = new Shape(1).addAll(one);
        Map<String, Double> worst = new LinkedHashMap<>();
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
                        for (Inputs each : inputs) {
                            try (NDManager scope = manager.newSubManager()) {
                                NDArray x = each.batch(scope, batch);
                                NDArray wanted = predict(block, x);
                                Map<String, NDArray> found = new LinkedHashMap<>();
                                found.put("TorchScript", predict(loaded.getBlock(), x));
                                found.put("compiled", predict(compiled, x));
                                found.put("ONNX", predict(session, x));
                                found.forEach(
                                        (how, array) ->
                                                worst.merge(
                                                        how,
                                                        asserted(
                                                                array,
                                                                wanted,
                                                                close,
                                                                name
                                                                        + ", batch "
                                                                        + batch
                                                                        + ", "
                                                                        + how),
                                                        Math::max));
                            }
                        }
                    }
                }
            }
        } finally {
            Folders.delete(folder);
        }
        return worst;
    }

    /** Statistics and shifts as after training, so that a norm that is lost shows. */
    static void disturb(Block block) {
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

    /** What a block predicts. */
    static NDArray predict(Block block, NDArray x) {
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

    private static double asserted(NDArray found, NDArray wanted, double close, String what) {
        Assert.assertEquals(found.getShape(), wanted.getShape(), what);
        double apart = apart(found, wanted);
        Assert.assertTrue(apart <= close, what + ": " + apart);
        return apart;
    }

    /** How far numbers are apart at most, of the largest that is wanted. */
    static double apart(NDArray found, NDArray wanted) {
        NDArray wide = wanted.toType(DataType.FLOAT64, true);
        double largest = wide.abs().max().getDouble();
        return found.toType(DataType.FLOAT64, true).sub(wide).abs().max().getDouble() / largest;
    }
}
