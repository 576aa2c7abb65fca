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
import java.util.Optional;

/**
 * Cores whose kernel changes its sign from channel c to channel c + C/2, of its output, its input
 * or both: half a network, drawn and unfolded. In each direction the first core with the leading
 * piece of the channel is odd in it, other cores with that piece are even.
 */
final class Mirror {

    private final TensorNetwork network;
    private final List<Mode> mirrored = new ArrayList<>();

    Mirror(TensorNetwork network, Mirroring mirroring) {
        this.network = network;
        for (Role role : List.of(Role.INPUT, Role.OUTPUT)) {
            if (mirroring.mirrors(role)) {
                mirrorable(network, role).ifPresent(mirrored::add);
            }
        }
    }

    /** Returns the piece whose two halves are the two halves of the channels, if there is one. */
    static Optional<Mode> mirrorable(TensorNetwork network, Role role) {
        if (network.groups() > 1) {
            return Optional.empty();
        }
        return network.modes(role).stream()
                .filter(mode -> mode.size() > 1)
                .findFirst()
                .filter(mode -> mode.size() % 2 == 0);
    }

    /** Returns the network with the mirrored pieces at half their size. */
    TensorNetwork half() {
        return new TensorNetwork(
                network.cores().stream()
                        .map(core -> new Core(core.modes().stream().map(this::half).toList()))
                        .toList());
    }

    private Mode half(Mode mode) {
        return mirrored.contains(mode) ? new Mode(mode.name(), mode.size() / 2) : mode;
    }

    /** Unfolds cores of {@link #half()} to cores of the network. */
    List<double[]> unfold(List<double[]> halves) {
        List<double[]> cores = new ArrayList<>(halves);
        for (Mode mode : mirrored) {
            int sign = -1;
            for (int n = 0; n < cores.size(); n++) {
                Core core = network.cores().get(n);
                if (core.contains(mode)) {
                    cores.set(n, unfold(core, mode, cores.get(n), sign));
                    sign = 1;
                }
            }
        }
        return cores;
    }

    /** Doubles one axis of a core; axes before it are of any size, those after it as given. */
    private double[] unfold(Core core, Mode mode, double[] values, int sign) {
        int position = core.modes().indexOf(mode);
        int block = Math.toIntExact(mode.size() / 2);
        for (Mode later : core.modes().subList(position + 1, core.modes().size())) {
            // Modes are unfolded one after another: a later one that waits its turn is still half.
            boolean waiting =
                    mirrored.indexOf(later) > mirrored.indexOf(mode) && mirrored.contains(later);
            block *= Math.toIntExact(waiting ? later.size() / 2 : later.size());
        }
        double[] result = new double[2 * values.length];
        for (int from = 0; from < values.length; from += block) {
            for (int i = 0; i < block; i++) {
                result[2 * from + i] = values[from + i];
                result[2 * from + block + i] = sign * values[from + i];
            }
        }
        return result;
    }
}
