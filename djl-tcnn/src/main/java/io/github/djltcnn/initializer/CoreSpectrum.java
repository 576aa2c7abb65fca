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

import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a kernel depends on one of its cores: the eigenvalues of {@code J J^T}, where {@code dK = J
 * dW} are the kernel's derivatives by the entries of the core. A gradient g of the kernel gives the
 * core the gradient {@code J^T g}, so {@code J J^T g} is what a step of gradient descent on this
 * core does to the kernel; for a dense kernel it is g itself.
 *
 * <p>Means are over all entries of the kernel, so they count many eigenvalues of 0 where the core
 * is small. Neither kernel nor derivatives are built: {@code J^T J} is the contraction of two
 * copies of the other cores, and block-diagonal in the kernel's own modes.
 *
 * @param share the entries of the core over the entries of the kernel
 * @param mean the mean eigenvalue, {@code |J|^2 / size of the kernel}
 * @param meanSquare the mean of the squares of the eigenvalues: the square of how much longer than
 *     a random gradient the step is
 * @since 0.1.0
 */
public record CoreSpectrum(double share, double mean, double meanSquare) {

    /**
     * Returns the spectrum of each core.
     *
     * @param network the network
     * @param cores the entries of its cores, row-major
     * @return one spectrum per core, which does not depend on the entries of that core
     * @throws IllegalArgumentException if the cores are not those of the network
     */
    public static List<CoreSpectrum> of(TensorNetwork network, List<double[]> cores) {
        List<Long> sizes = network.cores().stream().map(Core::size).toList();
        List<Long> given = cores.stream().map(core -> (long) core.length).toList();
        if (!sizes.equals(given)) {
            throw new IllegalArgumentException(
                    "The cores of \"" + network + "\" have " + sizes + " entries, got " + given);
        }
        return IntStream.range(0, cores.size()).mapToObj(n -> of(network, cores, n)).toList();
    }

    /** The spectrum of core n. */
    static CoreSpectrum of(TensorNetwork network, List<double[]> cores, int n) {
        Core core = network.cores().get(n);
        double size = (double) network.denseParameterCount();
        double trace = 1 / size;
        double square = 1 / size;
        for (Mode mode : core.modes()) {
            if (network.cores().stream().filter(other -> other.contains(mode)).count() == 1) {
                // A kernel mode repeats the spectrum; a rank of this core alone adds up columns.
                double count = (double) mode.size();
                trace *= count;
                square *= mode.role() == Role.RANK ? count * count : count;
            }
        }
        for (List<Integer> part : parts(network, n)) {
            Tensor gram = new KernelNorm(network, cores, part).join(core.modes());
            int width = 1;
            for (Mode mode : core.modes()) {
                boolean met = part.stream().anyMatch(m -> network.cores().get(m).contains(mode));
                width *= met && mode.role() == Role.RANK ? (int) mode.size() : 1;
            }
            double diagonal = 0;
            double all = 0;
            double[] entries = gram.data();
            for (int i = 0; i < entries.length; i++) {
                // One block of width x width after another.
                int within = i % (width * width);
                diagonal += within / width == within % width ? entries[i] : 0;
                all += entries[i] * entries[i];
            }
            trace *= diagonal;
            square *= all;
        }
        return new CoreSpectrum((double) core.size() / size, trace, square);
    }

    /**
     * The other cores, in parts that have no mode in common: the spectrum is a product of theirs.
     */
    private static List<List<Integer>> parts(TensorNetwork network, int without) {
        List<List<Integer>> parts = new ArrayList<>();
        for (int n = 0; n < network.cores().size(); n++) {
            if (n != without) {
                Core core = network.cores().get(n);
                List<Integer> joined = new ArrayList<>(List.of(n));
                for (List<Integer> part : List.copyOf(parts)) {
                    boolean meets =
                            part.stream()
                                    .flatMap(m -> network.cores().get(m).modes().stream())
                                    .anyMatch(mode -> mode.size() > 1 && core.contains(mode));
                    if (meets) {
                        parts.remove(part);
                        joined.addAll(part);
                    }
                }
                parts.add(joined);
            }
        }
        return parts;
    }
}
