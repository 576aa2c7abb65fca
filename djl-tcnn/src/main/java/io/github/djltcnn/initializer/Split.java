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

import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Arrays;
import java.util.List;

/**
 * How the product of the variances, which the rule fixes, is shared out among the cores. The kernel
 * has the same law under every split; what differs is the size of intermediate results and how fast
 * each core learns.
 *
 * @since 0.1.0
 */
public enum Split {
    /** The same variance for every core: {@code s_n = product^(1/N)}. */
    EQUAL {
        @Override
        double[] variances(TensorNetwork network, double product, List<Integer> order) {
            return balance(new double[network.cores().size()], product);
        }
    },
    /**
     * {@code s_n = 1 / (product of the sizes of the modes summed at core n)} when the input meets
     * the cores one after another; what is left of the product, the gain above all, goes to the
     * last core. Every intermediate result then has the second moment of the input, which is what
     * float16 needs. For fan-in and nominal fans the rest is the gain alone.
     *
     * <p>The order is the one that the layer's plan chooses for training on the input that the
     * layer is initialized with. Where a plan merges cores before the input meets them, the merged
     * ones are one. For networks that belong to no layer it is the order written.
     */
    SEQUENTIAL {
        @Override
        double[] variances(TensorNetwork network, double product, List<Integer> order) {
            List<Core> cores = network.cores();
            double[] variances = new double[cores.size()];
            Arrays.fill(variances, 1);
            double rest = product;
            for (Mode mode : network.modes()) {
                if (mode.role() != Role.OUTPUT && mode.role() != Role.GROUP) {
                    int last = order.size() - 1;
                    while (!cores.get(order.get(last)).contains(mode)) {
                        last--;
                    }
                    variances[order.get(last)] /= (double) mode.size();
                    rest *= (double) mode.size();
                }
            }
            variances[order.get(order.size() - 1)] *= rest;
            return variances;
        }

        @Override
        boolean followsOrder() {
            return true;
        }
    },
    /**
     * {@code s_n} proportional to {@code size_n^(-1/2)}. Gradients obey {@code E|g_n|^2 s_n = c}
     * with one c for all cores, so a step of gradient descent changes core n by {@code |g_n| /
     * |W_n| ~ 1 / (s_n sqrt(size_n))} of itself: under this split, all cores by the same share.
     */
    EQUAL_UPDATE {
        @Override
        double[] variances(TensorNetwork network, double product, List<Integer> order) {
            double[] logarithms = new double[network.cores().size()];
            for (int n = 0; n < logarithms.length; n++) {
                logarithms[n] = -0.5 * Math.log((double) network.cores().get(n).size());
            }
            return balance(logarithms, product);
        }
    };

    /**
     * Returns the variance of each core.
     *
     * @param network the network
     * @param product the product that the variances must have
     * @param order the numbers of the cores in the order in which the input meets them
     * @return one variance per core
     */
    abstract double[] variances(TensorNetwork network, double product, List<Integer> order);

    /** Returns whether the order in which the input meets the cores matters. */
    boolean followsOrder() {
        return false;
    }

    /** Scales variances, given by their logarithms, to a product. */
    private static double[] balance(double[] logarithms, double product) {
        double surplus = (Math.log(product) - Arrays.stream(logarithms).sum()) / logarithms.length;
        return Arrays.stream(logarithms).map(x -> Math.exp(x + surplus)).toArray();
    }
}
