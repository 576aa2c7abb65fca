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
import ai.djl.training.ParameterStore;
import io.github.djltcnn.runtime.NativeMemory;
import io.github.djltcnn.zoo.ResNetSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Times predictions of ResNet-20 that close what lies between the blocks as soon as it is read, and
 * predictions that leave it all to the end, in turn in one process.
 *
 * <p>Arguments: the file of results, {@code default} or {@code keep} (what is done with the buffers
 * of glibc), and optionally a pattern of the cases to run.
 */
public final class FreeingBenchmark {

    private static final int BATCH = 32;
    private static final int MOST = Integer.getInteger("benchmark.rounds", 41);
    private static final int BUDGET = Integer.getInteger("benchmark.budget", 20_000);
    private static final Rounds ROUNDS = new Rounds(4, 3, MOST, BUDGET, Double.POSITIVE_INFINITY);

    private FreeingBenchmark() {}

    /**
     * Runs the benchmark.
     *
     * @param args see above
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        if (args[1].equals("keep")) {
            NativeMemory.keepBuffers();
        }
        Results results = new Results(args[0], args.length > 2 ? args[2] : "");
        for (String network : List.of("resnet20", "tr_resnet20_r10")) {
            String key = Results.THREADS + "," + args[1] + "," + network;
            if (results.isWanted(key)) {
                results.add(key, run(network));
            }
        }
    }

    private static Map<String, Double> run(String network) {
        Shape image = new Shape(3, 32, 32);
        try (Model model = Model.newInstance(network)) {
            model.setBlock(ResNetSpec.parse(network).withOutSize(10).withImage(image).newBlock());
            NDManager manager = model.getNDManager();
            Shape shape = new Shape(BATCH).addAll(image);
            model.getBlock().initialize(manager, DataType.FLOAT32, shape);
            NDArray input = manager.randomNormal(shape);
            return ROUNDS.medians(
                    List.of(
                            new Rounds.Turn("closed", true, () -> once(model, input, true)),
                            new Rounds.Turn("open", true, () -> once(model, input, false))));
        }
    }

    private static double once(Model model, NDArray input, boolean closes) {
        long start = Rounds.CLOCK.getAsLong();
        try (NDManager scope = model.getNDManager().newSubManager()) {
            input.attach(scope);
            // Nothing is closed under a store of another class, which may look on.
            ParameterStore store =
                    closes ? new ParameterStore(scope, false) : new ParameterStore(scope, false) {};
            model.getBlock().forward(store, new NDList(input), false);
            input.attach(model.getNDManager());
        }
        return Rounds.millis(start, Rounds.CLOCK.getAsLong());
    }
}
