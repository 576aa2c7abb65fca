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
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Steps of the cores of a network and what they do to its kernel, by the definition: sums over all
 * assignments of all modes, over lists of positions that are made once.
 */
final class StepSampler {

    private final TensorNetwork network;
    private final int[][] corePositions;
    private final int[] kernelPositions;
    private final int kernelSize;

    /** So many steps are tried from the same cores. */
    private static final int STEPS = 20;

    /** Squares of what would be 0 without rounding; all others are many times larger. */
    private static final double ROUNDING = 1e-20;

    /** How far three means of many draws lie from their predictions, in standard errors. */
    record Scores(double along, double square, double sign) {}

    StepSampler(TensorNetwork network) {
        this.network = network;
        int assignments = 1;
        for (Mode mode : network.modes()) {
            assignments *= (int) mode.size();
        }
        List<Mode> kernel =
                network.modes().stream().filter(mode -> mode.role() != Role.RANK).toList();
        kernelPositions = positions(kernel, assignments);
        kernelSize = (int) network.denseParameterCount();
        corePositions = new int[network.cores().size()][];
        for (int n = 0; n < corePositions.length; n++) {
            corePositions[n] = positions(network.cores().get(n).modes(), assignments);
        }
    }

    /** For each assignment of all modes the position in a row-major array over some of them. */
    private int[] positions(List<Mode> axes, int assignments) {
        int[] result = new int[assignments];
        for (int assignment = 0; assignment < assignments; assignment++) {
            int rest = assignment;
            int[] index = new int[axes.size()];
            for (Mode mode : network.modes()) {
                int axis = axes.indexOf(mode);
                if (axis >= 0) {
                    index[axis] = rest % (int) mode.size();
                }
                rest /= (int) mode.size();
            }
            for (int axis = 0; axis < index.length; axis++) {
                result[assignment] = result[assignment] * (int) axes.get(axis).size() + index[axis];
            }
        }
        return result;
    }

    /** The derivatives of the kernel by a core: rows are entries of the kernel. */
    double[][] derivatives(List<double[]> cores, int core) {
        double[][] result = new double[kernelSize][cores.get(core).length];
        for (int at = 0; at < kernelPositions.length; at++) {
            result[kernelPositions[at]][corePositions[core][at]] += others(cores, core, at);
        }
        return result;
    }

    private double others(List<double[]> cores, int core, int at) {
        double product = 1;
        for (int m = 0; m < corePositions.length; m++) {
            product *= m == core ? 1 : cores.get(m)[corePositions[m][at]];
        }
        return product;
    }

    /** The change of the kernel by the change of a core. */
    private double[] push(List<double[]> cores, int core, double... change) {
        double[] result = new double[kernelSize];
        for (int at = 0; at < kernelPositions.length; at++) {
            result[kernelPositions[at]] +=
                    others(cores, core, at) * change[corePositions[core][at]];
        }
        return result;
    }

    /** The gradient of a core by that of the kernel. */
    private double[] pull(List<double[]> cores, int core, double... gradient) {
        double[] result = new double[cores.get(core).length];
        for (int at = 0; at < kernelPositions.length; at++) {
            result[corePositions[core][at]] +=
                    others(cores, core, at) * gradient[kernelPositions[at]];
        }
        return result;
    }

    /**
     * Draws cores of random signs and takes the spectrum of one; draws random gradients of the
     * kernel of unit variance, and random signs as the steps of all entries of the core.
     *
     * @param error what the predictions are multiplied by, 1 but to see that a wrong one is seen
     * @return how far from the spectra are: the part along the gradient and the square of the step
     *     that each core makes along the gradient, and the square of the step of signs
     */
    Scores sample(int draws, long seed, double error) {
        Random random = new Random(seed);
        Settings settings =
                Settings.of(FanMode.IN)
                        .withDistribution(Distribution.SIGN)
                        .withScale(Scale.EXPECTED)
                        .withMirroring(Mirroring.NONE)
                        .withSplit(seed % 2 == 0 ? Split.EQUAL : Split.EQUAL_UPDATE);
        double[][] ratios = new double[3][draws];
        VarianceRule rule = new VarianceRule(settings, network, Fans.nominal(network));
        List<double[]> cores = List.of();
        CoreSpectrum spectrum = null;
        int n = 0;
        for (int draw = 0; draw < draws; draw++) {
            if (draw % STEPS == 0) {
                cores = rule.draw(random.nextLong());
                n = random.nextInt(cores.size());
                spectrum = CoreSpectrum.of(network, cores, n);
            }
            double[] g = new double[kernelSize];
            Arrays.setAll(g, k -> random.nextGaussian());
            double[] pulled = pull(cores, n, g);
            ratios[0][draw] = ratio(squared(pulled), error * spectrum.mean());
            ratios[1][draw] = ratio(squared(push(cores, n, pulled)), error * spectrum.meanSquare());
            double[] signs = new double[pulled.length];
            Arrays.setAll(signs, e -> random.nextBoolean() ? 1 : -1);
            ratios[2][draw] = ratio(squared(push(cores, n, signs)), error * spectrum.mean());
        }
        return new Scores(score(ratios[0]), score(ratios[1]), score(ratios[2]));
    }

    /**
     * A core that cannot move the kernel, because the others cancel, does not, but for rounding.
     */
    private double ratio(double measured, double predicted) {
        boolean still = predicted < ROUNDING && measured < ROUNDING;
        return still ? 1 : measured / kernelSize / predicted;
    }

    private static double squared(double... values) {
        return Arrays.stream(values).map(v -> v * v).sum();
    }

    private static double score(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double square = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        // A single core moves its kernel by exactly the rate: then to rounding.
        boolean exact = Math.sqrt(square) < 1e-9 * values.length;
        return exact && Math.abs(mean - 1) < 1e-9
                ? 0
                : (mean - 1) * values.length / Math.sqrt(square);
    }
}
