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

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.torchscript.ScriptArchive;
import io.github.djltcnn.torchscript.ScriptModule;
import java.io.IOException;
import java.util.List;

/**
 * Times a small operation of a forward pass in training, called from Java and within a TorchScript
 * module: what a training pass through a module could save is the difference, times the number of
 * operations of the pass.
 *
 * <p>Arguments: the file of results.
 */
public final class ScriptCost {

    private static final int OPERATIONS = 200;
    private static final int MOST = Integer.getInteger("benchmark.rounds", 201);
    private static final Rounds ROUNDS = new Rounds(200, 3, MOST, 20_000, Double.POSITIVE_INFINITY);
    private static final Shape SIZE = new Shape(16, 16);

    private ScriptCost() {}

    /**
     * Runs the benchmark.
     *
     * @param args see above
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        Results results = new Results(args);
        StringBuilder code =
                new StringBuilder("def forward(self, y: Tensor, w: Tensor) -> Tensor:");
        for (int n = 0; n < OPERATIONS / 2; n++) {
            code.append("\n  y = torch.reshape(torch.matmul(y, w), [16, 16])");
        }
        code.append("\n  return y");
        ScriptArchive archive = ScriptArchive.builder("Chain").addMethod(code.toString()).build();
        try (NDManager manager = NDManager.newBaseManager();
                ScriptModule module = ScriptModule.load(archive, Device.cpu(), true)) {
            NDArray w = manager.randomNormal(0, 0.1f, SIZE, DataType.FLOAT32);
            w.setRequiresGradient(true);
            results.add(
                    Results.THREADS + ",micros per operation",
                    ROUNDS.medians(
                            List.of(
                                    new Rounds.Turn("java", true, () -> micros(w, null)),
                                    new Rounds.Turn("script", true, () -> micros(w, module)))));
        }
    }

    @SuppressWarnings("try") // the collector collects while it is open
    private static double micros(NDArray w, ScriptModule module) {
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            long start = Rounds.CLOCK.getAsLong();
            try (NDManager scope = w.getManager().newSubManager()) {
                NDArray y = scope.ones(SIZE);
                if (module != null) {
                    module.call("forward", y, w);
                } else {
                    for (int n = 0; n < OPERATIONS / 2; n++) {
                        y = y.matMul(w).reshape(SIZE);
                    }
                }
            }
            return 1e3 * Rounds.millis(start, Rounds.CLOCK.getAsLong()) / OPERATIONS;
        }
    }
}
