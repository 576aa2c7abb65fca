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
package io.github.djltcnn.decomposition.internal.als;

import io.github.djltcnn.algebra.internal.Einsum;
import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import java.util.Arrays;

/**
 * All cores of a small network at once, by the method of Levenberg and Marquardt.
 *
 * <p>Alternating least squares moves one core while the others stand still, which ends in long
 * plateaus and in corners where no single core can do better alone. Here the residual {@code r = K
 * - f(x)} is linearised in the vector {@code x} of all entries of all cores, and {@code (J^T J + d
 * I) s = J^T r} gives the step ({@link NormalEquations}), {@code J} being the derivative of {@code
 * f}. The damping {@code d} follows how well the linearised residual predicted the true one
 * (Nielsen, "Damping parameter in Marquardt's method", Tech. Univ. of Denmark, 1999). A step is
 * taken only if it lowers the error.
 */
final class GaussNewton {

    /** Damping next to the largest diagonal entry past which no step can lower the error. */
    private static final double STUCK = 1e10;

    private final Tensor kernel;
    private final double energy;
    private final Einsum contraction;
    private final NormalEquations equations;

    private Tensor[] cores;
    private double[] residual;
    private double squared;
    private double ridge;
    private double damping;
    private double growth;

    /** Begins at the given cores, which are not changed. */
    GaussNewton(Graph graph, Tensor kernel, Tensor[] start) {
        this.kernel = kernel;
        this.energy = Matrices.dot(kernel.data(), 0, kernel.data(), 0, kernel.data().length);
        this.contraction = graph.contraction(Double.POSITIVE_INFINITY);
        this.equations = new NormalEquations(graph);
        begin(start);
    }

    /** Begins again at the given cores, which are not changed. */
    void begin(Tensor... start) {
        cores = start.clone();
        residual = residual(cores);
        squared = Matrices.dot(residual, 0, residual, 0, residual.length);
        damping = -1;
        growth = 2;
    }

    Tensor[] cores() {
        return cores;
    }

    double error() {
        return Math.sqrt(squared / energy);
    }

    /** Adds {@code ridge |x|^2} to what is made small from here on. */
    void ridge(double next) {
        ridge = next;
    }

    /** The squared length of all cores, times the ridge. */
    private double penalty(Tensor... at) {
        double sum = 0;
        for (Tensor core : at) {
            sum += Matrices.dot(core.data(), 0, core.data(), 0, core.data().length);
        }
        return ridge * sum;
    }

    /**
     * Takes one step, or finds that none lowers the error (and the ridge together).
     *
     * @return whether it fell
     */
    boolean step() {
        equations.sum(cores, residual, ridge);
        double[] gradient = equations.gradient();
        double largest = equations.largest();
        if (damping < 0) {
            damping = 1e-3 * largest;
        }
        double before = squared + penalty(cores);
        while (damping < STUCK * largest) {
            double[] step = equations.solve(damping);
            if (step != null) {
                Tensor[] next = moved(step);
                double[] left = residual(next);
                double error = Matrices.dot(left, 0, left, 0, left.length);
                double now = error + penalty(next);
                double predicted = 0;
                for (int i = 0; i < step.length; i++) {
                    predicted += step[i] * (damping * step[i] + gradient[i]);
                }
                double gain = (before - now) / predicted;
                if (now < before) {
                    cores = next;
                    residual = left;
                    squared = error;
                    double t = 2 * gain - 1;
                    damping *= Math.max(1.0 / 3, 1 - t * t * t);
                    damping = Math.max(damping, 1e-15 * largest);
                    growth = 2;
                    return true;
                }
            }
            damping *= growth;
            growth *= 2;
        }
        // Another ridge may be asked for next.
        damping = -1;
        growth = 2;
        return false;
    }

    private Tensor[] moved(double[] step) {
        Tensor[] next = new Tensor[cores.length];
        int from = 0;
        for (int n = 0; n < next.length; n++) {
            double[] entries = cores[n].data().clone();
            for (int i = 0; i < entries.length; i++) {
                entries[i] += step[from++];
            }
            next[n] = new Tensor(cores[n].labels(), cores[n].dims(), entries);
        }
        return next;
    }

    private double[] residual(Tensor[] at) {
        double[] residual = contraction.run(Arrays.asList(at)).data().clone();
        for (int i = 0; i < residual.length; i++) {
            residual[i] = kernel.data()[i] - residual[i];
        }
        return residual;
    }
}
