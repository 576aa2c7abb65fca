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
package io.github.djltcnn.contraction;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.KeptWeights;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.internal.PyTorch;
import io.github.djltcnn.runtime.internal.Stopwatch;
import java.util.Arrays;
import java.util.List;

/** Times plans on random numbers, in turn, and tells the fastest by the median. */
final class Autotuning {

    private static final int ROUNDS = 7;
    private static final int WARM_UP = 2;

    /** Products of several cores stay finite, and none becomes subnormal. */
    private static final float SCALE = 0.1f;

    /** A plan predicted to take so many times the best is not timed. */
    private static final double MAX_PREDICTED_RATIO = 3;

    private final NDList cores = new NDList();
    private final NDArray x;
    private final PlanRequest request;

    private final Stopwatch watch;
    private final Engine engine;

    private Autotuning(
            TensorNetwork network, PlanRequest request, NDManager manager, Stopwatch watch) {
        this.request = request;
        this.watch = watch;
        engine = manager.getEngine();
        for (Core core : network.cores()) {
            cores.add(leaf(manager.randomNormal(core.shape())));
        }
        NDArray input = manager.randomNormal(request.inputShape());
        x = leaf(MemoryLayouts.lay(input, request.layout()));
    }

    private NDArray leaf(NDArray numbers) {
        NDArray leaf = numbers.mul(SCALE).stopGradient();
        leaf.setRequiresGradient(request.training());
        return leaf;
    }

    /** The fastest of some plans. */
    static ContractionPlan fastest(
            List<ContractionPlan> plans,
            TensorNetwork network,
            PlanRequest request,
            Device device,
            String engine) {
        double best = plans.get(0).predictedSeconds();
        List<ContractionPlan> worth =
                plans.stream()
                        .filter(p -> p.predictedSeconds() <= MAX_PREDICTED_RATIO * best)
                        .toList();
        if (worth.size() == 1) {
            return worth.get(0);
        }
        try (NDManager manager =
                        NDManager.newBaseManager(device, engine == null ? PyTorch.ENGINE : engine);
                Stopwatch watch = new Stopwatch(manager)) {
            return new Autotuning(network, request, manager, watch).fastest(worth);
        }
    }

    private ContractionPlan fastest(List<ContractionPlan> plans) {
        long[][] nanos = new long[plans.size()][ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            for (int n = 0; n < plans.size(); n++) {
                // The first call finds the memory that the plan before has left, the second its
                // own.
                time(plans.get(n));
                long taken = time(plans.get(n));
                if (round >= 0) {
                    nanos[n][round] = taken;
                }
            }
        }
        int fastest = 0;
        for (int n = 0; n < plans.size(); n++) {
            Arrays.sort(nanos[n]);
            if (nanos[n][ROUNDS / 2] < nanos[fastest][ROUNDS / 2]) {
                fastest = n;
            }
        }
        return plans.get(fastest);
    }

    private long time(ContractionPlan plan) {
        return request.training() ? timeTraining(plan) : timePrediction(plan);
    }

    private long timePrediction(ContractionPlan plan) {
        KeptWeights kept = new KeptWeights(plan.program(), cores, 0);
        try {
            List<NDArray> weights = kept.acquire();
            return watch.nanos(() -> plan.execute(x, cores, weights, null).close());
        } finally {
            kept.release();
            kept.retire();
        }
    }

    private long timeTraining(ContractionPlan plan) {
        try (GradientCollector collector = engine.newGradientCollector()) {
            return watch.nanos(
                    () -> {
                        NDArray y = plan.execute(x, cores, null);
                        // The collector makes a gradient without gaps: in a network it lies as the
                        // result does.
                        boolean last = plan.outputLayout() == Layout.CHANNELS_LAST;
                        NDArray lying = last ? inMemoryOrder(y) : y;
                        collector.backward(lying);
                        lying.close();
                        y.close();
                    });
        }
    }

    private static NDArray inMemoryOrder(NDArray y) {
        return AxisOrder.secondToLast(y.getShape().dimension()).permute(y);
    }
}
