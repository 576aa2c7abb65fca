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
package io.github.djltcnn.initializer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The numbers of all cores of one layer, drawn together when the first of them is asked for and
 * forgotten with the last. Asking for a core twice draws the layer anew, from the next numbers.
 */
final class LayerDraw {

    private final TensorNetwork network;
    private final VarianceRule rule;
    private final RandomStream seeds;
    private final BitSet taken = new BitSet();
    private List<double[]> values = List.of();

    /**
     * Creates the draw of a layer.
     *
     * @param seeds where the seed of each draw comes from, or null for the engine's own random
     *     numbers
     */
    LayerDraw(TensorNetwork network, VarianceRule rule, RandomStream seeds) {
        this.network = network;
        this.rule = rule;
        this.seeds = seeds;
    }

    Core core(int index) {
        return network.cores().get(index);
    }

    synchronized double[] take(int index, NDManager manager) {
        if (values.isEmpty() || taken.get(index)) {
            values = new ArrayList<>(rule.draw(seeds == null ? seed(manager) : seeds.nextLong()));
            taken.clear();
        }
        double[] result = values.set(index, null);
        taken.set(index);
        if (taken.cardinality() == values.size()) {
            values = List.of();
        }
        return result;
    }

    /** Returns a seed made of the engine's random numbers, which follow the engine's own seed. */
    private static long seed(NDManager manager) {
        // 16 bits of each: a float32 has 24 random ones.
        try (NDArray uniform = manager.randomUniform(0, 1, new Shape(4))) {
            long seed = 0;
            for (float value : uniform.toFloatArray()) {
                seed = (seed << 16) | (long) (value * 65536);
            }
            return seed;
        }
    }
}
