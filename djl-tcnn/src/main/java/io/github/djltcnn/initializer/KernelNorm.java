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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The Frobenius norm of the kernel of a network without building the kernel: two copies of the
 * network, joined in every mode but the ranks, contract to the sum of the squares of its entries.
 */
final class KernelNorm {

    private KernelNorm() {}

    /**
     * Returns the squared norm.
     *
     * @param network the network
     * @param cores the entries of its cores, row-major
     * @return the sum of the squares of the kernel's entries
     */
    static double squared(TensorNetwork network, List<double[]> cores) {
        List<DoubleTensor> tensors = new ArrayList<>();
        for (int n = 0; n < cores.size(); n++) {
            tensors.add(tensor(network.cores().get(n), cores.get(n), ""));
        }
        for (int n = 0; n < cores.size(); n++) {
            tensors.add(tensor(network.cores().get(n), cores.get(n), "'"));
        }
        return DoubleTensor.contract(tensors, Set.of()).sumTo(List.of())[0];
    }

    /** Returns the number of terms that one entry of the kernel adds up. */
    static double ranks(TensorNetwork network) {
        double ranks = 1;
        for (Mode mode : network.modes(Role.RANK)) {
            ranks *= (double) mode.size();
        }
        return ranks;
    }

    private static DoubleTensor tensor(Core core, double[] values, String rankMark) {
        List<String> names = new ArrayList<>();
        int[] sizes = new int[core.modes().size()];
        for (Mode mode : core.modes()) {
            sizes[names.size()] = Math.toIntExact(mode.size());
            names.add(mode.role() == Role.RANK ? mode.name() + rankMark : mode.name());
        }
        return new DoubleTensor(names, sizes, values);
    }
}
