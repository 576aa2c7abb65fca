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
package io.github.djltcnn.benchmarks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.djltcnn.batchnorm.BatchNormFolding;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.export.ExportReport;
import io.github.djltcnn.export.Exports;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One network in all the ways in which it predicts: by its blocks, with batch normalizations
 * folded, compiled, and in ONNX Runtime. All compute the same numbers from the same input, which is
 * checked first.
 */
final class PredictionContestant implements AutoCloseable {

    private static final double CLOSE = 1e-4;
    private static final double TURN_MILLIS = 8;
    private static final int MOST_CALLS = 8;

    private final Model model = Model.newInstance("prediction");
    private final Model folded = Model.newInstance("folded");
    private final Compiled compiled;
    private final OrtSession session;
    private final OnnxTensor tensor;
    private final NDArray input;
    private final int operations;

    PredictionContestant(PredictionCase each) throws IOException, OrtException {
        Shape shape = each.input();
        NDManager manager = model.getNDManager();
        Block block = each.block();
        block.initialize(manager, DataType.FLOAT32, shape);
        model.setBlock(block);
        Block twin = each.block();
        twin.initialize(folded.getNDManager(), DataType.FLOAT32, shape);
        for (int n = 0; n < block.getParameters().size(); n++) {
            block.getParameters()
                    .valueAt(n)
                    .getArray()
                    .copyTo(twin.getParameters().valueAt(n).getArray());
        }
        folded.setBlock(BatchNormFolding.fold(twin, shape, folded.getNDManager()));
        ExportOptions options = ExportOptions.builder().optBatch(shape.get(0)).build();
        compiled = Compiled.of(block, shape, options);
        Path file = Files.createTempFile("prediction", ".onnx");
        try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
            ExportReport report = Exports.onnx(block, shape, file, options);
            operations = report.numOperations();
            settings.setIntraOpNumThreads(Results.THREADS);
            settings.setInterOpNumThreads(1);
            // A waiting thread would take the core of the next contestant.
            settings.addConfigEntry("session.intra_op.allow_spinning", "0");
            session = OrtEnvironment.getEnvironment().createSession(file.toString(), settings);
        } finally {
            Files.delete(file);
        }
        input = manager.randomNormal(shape);
        tensor =
                OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(),
                        FloatBuffer.wrap(input.toFloatArray()),
                        shape.getShape());
        check();
    }

    private void check() throws OrtException {
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDArray x = input.duplicate();
            x.attach(scope);
            NDArray wanted = predict(model.getBlock(), x, scope);
            float largest = wanted.abs().max().getFloat();
            Map<String, NDArray> others = new LinkedHashMap<>();
            others.put("folded", predict(folded.getBlock(), x, scope));
            others.put("compiled", predict(compiled, x, scope));
            try (OrtSession.Result result = session.run(Map.of("input", tensor))) {
                FloatBuffer numbers = ((OnnxTensor) result.get(0)).getFloatBuffer();
                others.put("ONNX Runtime", scope.create(numbers, wanted.getShape()));
            }
            others.forEach(
                    (name, found) -> {
                        float apart = found.sub(wanted).abs().max().getFloat();
                        if (!(apart <= CLOSE * largest)) {
                            throw new IllegalStateException(
                                    name + " is " + apart + " apart, the largest is " + largest);
                        }
                    });
        }
    }

    private static NDArray predict(Block block, NDArray x, NDManager scope) {
        return block.forward(new ParameterStore(scope, false), new NDList(x), false).head();
    }

    /** The operations of the network as it is exported. */
    int operations() {
        return operations;
    }

    /** The network as it was trained. */
    Block block() {
        return model.getBlock();
    }

    /** What runs against each other. */
    List<Rounds.Turn> turns() {
        List<Rounds.Turn> turns = new ArrayList<>();
        turns.add(turn("eager", () -> run(model.getBlock())));
        turns.add(turn("folded", () -> run(folded.getBlock())));
        turns.add(turn("compiled", () -> run(compiled)));
        turns.add(turn("onnx", this::runOnnx));
        return turns;
    }

    /** The first call of a turn finds the caches of another contestant and does not count. */
    private static Rounds.Turn turn(String name, Runnable call) {
        return new Rounds.Turn(
                name,
                true,
                () -> {
                    call.run();
                    long start = Rounds.CLOCK.getAsLong();
                    int calls = 0;
                    double millis = 0;
                    while (calls == 0 || (calls < MOST_CALLS && millis < TURN_MILLIS)) {
                        call.run();
                        calls++;
                        millis = Rounds.millis(start, Rounds.CLOCK.getAsLong());
                    }
                    return millis / calls;
                });
    }

    private void run(Block block) {
        NDManager manager = model.getNDManager();
        try (NDManager scope = manager.newSubManager()) {
            input.attach(scope);
            predict(block, input, scope);
            input.attach(manager);
        }
    }

    private void runOnnx() {
        try {
            session.run(Map.of("input", tensor)).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws OrtException {
        tensor.close();
        session.close();
        compiled.close();
        folded.close();
        model.close();
    }
}
