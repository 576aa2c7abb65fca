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

import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The fewest multiply-adds with which a layer can be computed two tensors at a time, by exhaustive
 * search over all pairwise orders: of its kernel alone, and of its output with the input among the
 * tensors. For layers of stride 1 whose output is as high and wide as the input, without groups.
 *
 * <p>These are the multiply-adds of a forward pass. A product C of A and B has the gradients of A,
 * which is a product of that of C and B, and of B, one of A and that of C, each over the same modes
 * and so with as many multiply-adds: a whole training step, with the gradients of the input and all
 * cores, takes three times as many, in every order, and for the dense convolution alike.
 */
final class PairwiseOrders {

    private final TensorNetwork network;
    private final int all;
    private final Merge[] merges;

    PairwiseOrders(TensorNetwork network) {
        this.network = network;
        all = (1 << network.cores().size()) - 1;
        merges = new Merge[all + 1];
        for (int cores = 1; cores <= all; cores++) {
            merges[cores] = Integer.bitCount(cores) == 1 ? new Merge(0, 0, 0) : best(cores);
        }
    }

    /** The last product that makes the tensor of some cores, and the multiply-adds of all. */
    private record Merge(int left, int right, double macs) {}

    /**
     * A matrix product, or as many as the batch.
     *
     * @param batch the size of the modes of both operands and the result
     * @param rows the size of the modes of the left operand and the result
     * @param summed the size of the modes of both operands alone
     * @param columns the size of the modes of the right operand and the result
     */
    record Product(long batch, long rows, long summed, long columns) {

        double macs() {
            return (double) batch * rows * summed * columns;
        }
    }

    private Merge best(int cores) {
        Merge best = new Merge(0, 0, Double.POSITIVE_INFINITY);
        for (int left = (cores - 1) & cores; left > 0; left = (left - 1) & cores) {
            int right = cores ^ left;
            double macs = merges[left].macs() + merges[right].macs() + product(left, right).macs();
            if (macs < best.macs()) {
                best = new Merge(left, right, macs);
            }
        }
        return best;
    }

    /** The fewest multiply-adds from the cores to the kernel. */
    double kernelMacs() {
        return merges[all].macs();
    }

    /** The products of the order of the fewest multiply-adds from the cores to the kernel. */
    List<Product> kernelProducts() {
        List<Product> products = new ArrayList<>();
        collect(all, products);
        return products;
    }

    private void collect(int cores, List<Product> products) {
        if (Integer.bitCount(cores) > 1) {
            collect(merges[cores].left(), products);
            collect(merges[cores].right(), products);
            products.add(product(merges[cores].left(), merges[cores].right()));
        }
    }

    private Product product(int left, int right) {
        Set<Mode> l = open(left);
        Set<Mode> r = open(right);
        Set<Mode> result = open(left | right);
        return new Product(
                size(l, mode -> r.contains(mode) && result.contains(mode)),
                size(l, mode -> !r.contains(mode)),
                size(l, mode -> r.contains(mode) && !result.contains(mode)),
                size(r, mode -> !l.contains(mode)));
    }

    /** The modes of the tensor of some cores: ranks to others, and all that are not ranks. */
    private Set<Mode> open(int cores) {
        Set<Mode> modes = new LinkedHashSet<>();
        for (int core = 0; core < network.cores().size(); core++) {
            if ((cores >> core & 1) != 0) {
                modes.addAll(network.cores().get(core).modes());
            }
        }
        modes.removeIf(mode -> mode.role() == Role.RANK && !isOn(all ^ cores, mode));
        return modes;
    }

    private boolean isOn(int cores, Mode mode) {
        for (int core = 0; core < network.cores().size(); core++) {
            if ((cores >> core & 1) != 0 && network.cores().get(core).contains(mode)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The fewest multiply-adds from the input and the cores to the output.
     *
     * @param positions the pixels of the output, all images together
     */
    double macs(long positions) {
        double[] fewest = new double[all + 1];
        for (int met = 1; met <= all; met++) {
            fewest[met] = Double.POSITIVE_INFINITY;
            for (int next = met; next > 0; next = (next - 1) & met) {
                double macs = fewest[met ^ next] + merges[next].macs();
                fewest[met] = Math.min(fewest[met], macs + positions * meeting(met ^ next, next));
            }
        }
        return fewest[all];
    }

    /** The multiply-adds at one position as the input, having met some cores, meets others. */
    private double meeting(int met, int next) {
        // The activation has the outputs and ranks of what it met, and the inputs it did not meet;
        // along the kernel axes that it met it has moved.
        Set<Mode> modes = open(met);
        modes.removeIf(mode -> mode.role() == Role.INPUT || mode.role().isKernelAxis());
        for (Mode mode : network.modes(Role.INPUT)) {
            if (isOn(all ^ met, mode)) {
                modes.add(mode);
            }
        }
        modes.addAll(open(next));
        return size(modes, mode -> true);
    }

    private static long size(Set<Mode> modes, Predicate<Mode> which) {
        return modes.stream().filter(which).mapToLong(Mode::size).reduce(1, (a, b) -> a * b);
    }
}
