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

import io.github.djltcnn.algebra.internal.Matrices;
import io.github.djltcnn.algebra.internal.Tensor;
import io.github.djltcnn.decomposition.internal.graph.Algorithm;
import io.github.djltcnn.decomposition.internal.graph.Cores;
import io.github.djltcnn.decomposition.internal.graph.Fit;
import io.github.djltcnn.decomposition.internal.graph.Graph;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import io.github.djltcnn.decomposition.internal.graph.Limits;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Arrays;

/**
 * Groups that stand on every core: the kernel of each group is a problem of its own, and the cores
 * of all are laid side by side.
 */
public final class Groups {

    private final Graph whole;
    private final Graph single;
    private final int count;
    private final Tensor[] cores;
    private final double[] energies;
    private final Fit[] fits;

    /**
     * Prepares for the groups of a network.
     *
     * @param network a network whose groups stand on every core
     * @param single the network of one group
     */
    public Groups(TensorNetwork network, TensorNetwork single) {
        this.whole = new Graph(network);
        this.single = new Graph(single);
        this.count = Math.toIntExact(network.groups());
        this.cores = new Tensor[whole.numCores()];
        for (int n = 0; n < cores.length; n++) {
            cores[n] = whole.core(n, new double[whole.size(whole.core(n))]);
        }
        this.energies = new double[count];
        this.fits = new Fit[count];
    }

    /**
     * Fits every group; one that is all zero gets cores of zeros.
     *
     * @param kernel the kernel, group after group
     * @param algorithm fits one group
     * @param limits the bounds of the work on one group
     * @return the cores of all groups
     */
    public Fit fit(double[] kernel, Algorithm algorithm, Limits limits) {
        int size = kernel.length / count;
        for (int group = 0; group < count; group++) {
            Interruption.check();
            double[] part = Arrays.copyOfRange(kernel, group * size, (group + 1) * size);
            energies[group] = Matrices.dot(part, 0, part, 0, size);
            if (energies[group] > 0) {
                fits[group] = algorithm.fit(single, single.kernel(part), limits);
                Tensor[] found = fits[group].cores();
                Cores.balance(single, found);
                for (int n = 0; n < cores.length; n++) {
                    place(n, group, found[n].data());
                }
            }
        }
        Fit any = Arrays.stream(fits).filter(fit -> fit != null).findFirst().orElseThrow();
        int starts = 0;
        int sweeps = 1;
        for (Fit fit : fits) {
            if (fit != null) {
                starts = Math.max(starts, fit.starts());
                sweeps = Math.max(sweeps, fit.history().length);
            }
        }
        double[] history = new double[sweeps];
        Arrays.setAll(history, this::error);
        return new Fit(cores, history, any.algorithm() + ", per group", starts);
    }

    /** The relative error of all groups after a sweep; a group that has ended stays as it is. */
    private double error(int sweep) {
        double error = 0;
        for (int group = 0; group < count; group++) {
            if (fits[group] != null) {
                double[] own = fits[group].history();
                double e = own[Math.min(sweep, own.length - 1)];
                error += e * e * energies[group];
            }
        }
        return Math.sqrt(error / Arrays.stream(energies).sum());
    }

    /** Copies the core of one group to its place among all groups. */
    private void place(int n, int group, double[] part) {
        double[] entries = cores[n].data();
        int[] labels = whole.core(n);
        int[] index = new int[labels.length];
        int[] groups =
                Arrays.stream(whole.kernel())
                        .limit(whole.kernel().length - single.kernel().length)
                        .toArray();
        int rest = group;
        int[] at = new int[whole.numLabels()];
        for (int g = groups.length - 1; g >= 0; g--) {
            at[groups[g]] = rest % whole.dim(groups[g]);
            rest /= whole.dim(groups[g]);
        }
        boolean[] fixed = new boolean[whole.numLabels()];
        Arrays.stream(groups).forEach(label -> fixed[label] = true);
        for (double value : part) {
            int offset = 0;
            for (int axis = 0; axis < labels.length; axis++) {
                int i = fixed[labels[axis]] ? at[labels[axis]] : index[axis];
                offset = offset * whole.dim(labels[axis]) + i;
            }
            entries[offset] = value;
            for (int axis = labels.length - 1; axis >= 0; axis--) {
                if (!fixed[labels[axis]]) {
                    if (++index[axis] < whole.dim(labels[axis])) {
                        break;
                    }
                    index[axis] = 0;
                }
            }
        }
    }
}
