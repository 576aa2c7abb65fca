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

import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The one general rule, with its settings, for one layer: draws all its cores from a seed. */
record VarianceRule(Settings settings, TensorNetwork network, Fans fans, List<Integer> order) {

    /** The rule for a network whose cores are met as they are written. */
    VarianceRule(Settings settings, TensorNetwork network, Fans fans) {
        this(settings, network, fans, written(network));
    }

    /** The order written. */
    static List<Integer> written(TensorNetwork network) {
        return IntStream.range(0, network.cores().size()).boxed().toList();
    }

    /**
     * Draws the cores.
     *
     * @param seed names the stream of random numbers
     * @return the entries of each core, row-major
     */
    List<double[]> draw(long seed) {
        double product = settings.gain().variance() / settings.fanMode().of(fans);
        Mirror mirror = new Mirror(network, settings.mirroring());
        List<double[]> cores = mirror.unfold(independent(mirror.half(), seed));
        double[] variances = settings.split().variances(network, product, order);
        for (int n = 0; n < cores.size(); n++) {
            multiply(cores.get(n), Math.sqrt(variances[n]));
        }
        if (settings.scale() == Scale.EXPECTED) {
            return cores;
        }
        double actual = KernelNorm.squared(network, cores);
        if (actual == 0) {
            // The signs of a few small cores may cancel to nothing, which no factor can mend.
            return draw(new RandomStream(seed).nextLong());
        }
        double expected =
                product * KernelNorm.ranks(network) * (double) network.denseParameterCount();
        double factor = Math.pow(expected / actual, 0.5 / cores.size());
        cores.forEach(core -> multiply(core, factor));
        return cores;
    }

    /** Cores with entries of variance 1. */
    private List<double[]> independent(TensorNetwork drawn, long seed) {
        List<double[]> cores = new ArrayList<>();
        for (int n = 0; n < drawn.cores().size(); n++) {
            cores.add(settings.distribution().draw(drawn, n, new RandomStream(seed, n)));
        }
        return cores;
    }

    private static void multiply(double[] values, double factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }
}
