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
package io.github.djltcnn.export;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.djltcnn.testing.files.Folders;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.testng.Assert;

/** What a model and its exports compute, side by side. */
final class Outputs {

    /** Batch sizes that none of the recordings has, and one that has. */
    static final long[] BATCHES = {1, 3, 32};

    private static final double CLOSE = 1e-5;

    private Outputs() {}

    /** What a block predicts. */
    static NDArray of(Block block, NDArray input) {
        ParameterStore store = new ParameterStore(input.getManager(), false);
        return block.forward(store, new NDList(input), false).head();
    }

    /** What ONNX Runtime makes of a file. */
    static NDArray ofOnnx(Path file, NDArray input, OrtSession.SessionOptions.OptLevel level) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(level);
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(file.toString(), options)) {
                return ofOnnx(session, input);
            }
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    /** What a session of ONNX Runtime computes. */
    static NDArray ofOnnx(OrtSession session, NDArray input) throws OrtException {
        try (OnnxTensor tensor =
                        OnnxTensor.createTensor(
                                OrtEnvironment.getEnvironment(),
                                FloatBuffer.wrap(input.toFloatArray()),
                                input.getShape().getShape());
                OrtSession.Result result = session.run(Map.of("input", tensor))) {
            OnnxTensor output = (OnnxTensor) result.get(0);
            return input.getManager()
                    .create(output.getFloatBuffer(), new Shape(output.getInfo().getShape()));
        }
    }

    /** What DJL makes of a TorchScript file. */
    static NDArray ofTorchScript(Path file, NDArray input) throws Exception {
        try (Model model = Model.newInstance("loaded", input.getDevice(), "PyTorch")) {
            model.load(file);
            return of(model.getBlock(), input);
        }
    }

    /** Asserts that numbers are close, relative to the largest. */
    static void assertClose(NDArray found, NDArray wanted, String what) {
        Assert.assertEquals(found.getShape(), wanted.getShape(), what);
        double largest = wanted.abs().max().toType(DataType.FLOAT64, false).getDouble();
        double apart = found.sub(wanted).abs().max().toType(DataType.FLOAT64, false).getDouble();
        Assert.assertTrue(
                apart <= CLOSE * largest, what + ": " + apart + " apart, largest " + largest);
    }

    /**
     * Exports a block both ways and asserts that both compute what it does, at several batch sizes.
     */
    static void assertExports(Block block, Shape one, ExportOptions options, String what)
            throws Exception {
        Path folder = Files.createTempDirectory("export");
        Path torch = folder.resolve("model.pt");
        Path onnx = folder.resolve("model.onnx");
        Shape shape = new Shape(1).addAll(one);
        Exports.torchScript(block, shape, torch, options);
        Exports.onnx(block, shape, onnx, options);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (NDManager manager = NDManager.newBaseManager();
                Model loaded = Model.newInstance("loaded", manager.getDevice(), "PyTorch");
                OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
            loaded.load(torch);
            settings.setIntraOpNumThreads(1);
            OnnxChecker.check(onnx);
            try (OrtSession session = environment.createSession(onnx.toString(), settings)) {
                for (long batch : BATCHES) {
                    try (NDManager scope = manager.newSubManager()) {
                        NDArray x = scope.randomNormal(new Shape(batch).addAll(one));
                        NDArray wanted = of(block, x);
                        String which = what + ", batch " + batch;
                        assertClose(of(loaded.getBlock(), x), wanted, which + ", TorchScript");
                        assertClose(ofOnnx(session, x), wanted, which + ", ONNX");
                    }
                }
            }
        } finally {
            Folders.delete(folder);
        }
    }

    /** Gives norms and biases numbers as after training, so that one that is lost shows. */
    static void disturb(Block block) {
        Random random = new Random(7);
        for (Parameter parameter : block.getParameters().values()) {
            NDArray array = parameter.getArray();
            float[] numbers = new float[(int) array.size()];
            boolean factor =
                    parameter.getType() == Parameter.Type.RUNNING_VAR
                            || parameter.getType() == Parameter.Type.GAMMA;
            if (factor || parameter.getType() != Parameter.Type.WEIGHT) {
                for (int n = 0; n < numbers.length; n++) {
                    numbers[n] = random.nextFloat() + (factor ? 0.5f : -0.5f);
                }
                array.set(FloatBuffer.wrap(numbers));
            }
        }
    }
}
