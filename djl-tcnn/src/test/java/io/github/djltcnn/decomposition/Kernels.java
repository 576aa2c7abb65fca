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
package io.github.djltcnn.decomposition;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.Random;

/** Kernels for tests: random ones, and the contraction of cores straight from its definition. */
public final class Kernels {

    private Kernels() {}

    /** Entries between -1 and 1. */
    public static double[] random(long size, long seed) {
        Random random = new Random(seed);
        return random.doubles(size, -1, 1).toArray();
    }

    /** Cores with entries between -1 and 1. */
    public static double[][] cores(TensorNetwork network, long seed) {
        Random random = new Random(seed);
        return network.cores().stream()
                .map(core -> random.doubles(core.size(), -1, 1).toArray())
                .toArray(double[][]::new);
    }

    /** The specification of a network with as few spatial dimensions as it can have. */
    public static KernelSpec spec(TensorNetwork network) {
        Shape window = network.kernelShape(network.minDimensions());
        return new KernelSpec(
                network.inputChannels(), network.outputChannels(), window, network.groups());
    }

    /**
     * The kernel by the definition alone: one loop over the values of all modes, each term the
     * product of one entry per core.
     */
    public static double[] contract(TensorNetwork network, double[][] cores) {
        List<Mode> modes = network.modes();
        long[] index = new long[modes.size()];
        double[] kernel = new double[Math.toIntExact(network.denseParameterCount())];
        boolean more = true;
        while (more) {
            double term = 1;
            for (int n = 0; n < cores.length; n++) {
                long at = 0;
                for (Mode mode : network.cores().get(n).modes()) {
                    at = at * mode.size() + index[modes.indexOf(mode)];
                }
                term *= cores[n][(int) at];
            }
            kernel[offset(network, index)] += term;
            more = false;
            for (int m = modes.size() - 1; m >= 0 && !more; m--) {
                index[m] = (index[m] + 1) % modes.get(m).size();
                more = index[m] > 0;
            }
        }
        return kernel;
    }

    private static int offset(TensorNetwork network, long... index) {
        long at = 0;
        for (Role role :
                List.of(Role.GROUP, Role.OUTPUT, Role.INPUT, Role.DEPTH, Role.HEIGHT, Role.WIDTH)) {
            for (Mode mode : network.modes(role)) {
                at = at * mode.size() + index[network.modes().indexOf(mode)];
            }
        }
        return (int) at;
    }

    /** The norm of the difference over that of the second. */
    public static double distance(double[] a, double[] b) {
        double sum = 0;
        double norm = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
            norm += b[i] * b[i];
        }
        return Math.sqrt(sum / norm);
    }
}
