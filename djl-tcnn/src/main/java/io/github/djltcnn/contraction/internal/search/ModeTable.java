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
package io.github.djltcnn.contraction.internal.search;

import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;

/**
 * A network as the search sees it: sets of modes and sets of cores as bit masks.
 *
 * <p>Modes of size 1 are left out, and so are ranks that dangle on a single core: the first are
 * squeezed and the second summed away when a core is loaded. What is left of a core may be a
 * scalar, a tensor without modes.
 */
public final class ModeTable {

    private final TensorNetwork network;
    private final List<Mode> modes = new ArrayList<>();
    private final long[] coreModes;
    private final long input;
    private final long output;
    private final long kernel;

    /** Reads a network. */
    public ModeTable(TensorNetwork network) {
        this.network = network;
        for (Mode mode : network.modes()) {
            if (mode.size() > 1 && !dangles(mode)) {
                modes.add(mode);
            }
        }
        int numCores = network.cores().size();
        if (modes.size() > Long.SIZE || numCores >= Long.SIZE) {
            throw new IllegalArgumentException(
                    "The planner takes at most 63 cores and 64 modes of size above 1, got "
                            + numCores
                            + " and "
                            + modes.size());
        }
        coreModes = new long[numCores];
        for (int core = 0; core < numCores; core++) {
            for (int mode = 0; mode < modes.size(); mode++) {
                if (network.cores().get(core).contains(modes.get(mode))) {
                    coreModes[core] |= 1L << mode;
                }
            }
        }
        long group = mask(Role.GROUP);
        input = group | mask(Role.INPUT);
        output = group | mask(Role.OUTPUT);
        kernel = mask(Role.DEPTH) | mask(Role.HEIGHT) | mask(Role.WIDTH);
    }

    private boolean dangles(Mode mode) {
        return mode.role() == Role.RANK
                && network.cores().stream().filter(core -> core.contains(mode)).count() == 1;
    }

    private long mask(Role role) {
        long mask = 0;
        for (int mode = 0; mode < modes.size(); mode++) {
            if (modes.get(mode).role() == role) {
                mask |= 1L << mode;
            }
        }
        return mask;
    }

    /** The network that was read. */
    public TensorNetwork network() {
        return network;
    }

    /** The number of cores. */
    public int numCores() {
        return coreModes.length;
    }

    /** The set of all cores. */
    public long allCores() {
        return (1L << coreModes.length) - 1;
    }

    /** The mode of a number. */
    public Mode mode(int id) {
        return modes.get(id);
    }

    /** The modes that the output carries: group and output modes. */
    long outputModes() {
        return output;
    }

    /** The modes of kernel axes. */
    long kernelModes() {
        return kernel;
    }

    /** The bit of the mode of a kernel axis, or 0 if the axis has no mode of size above 1. */
    long axisMode(Role axis) {
        return mask(axis);
    }

    /** The modes of every core. */
    long[] coreModes() {
        return coreModes.clone();
    }

    /** The modes of the kernel, which are kept to the end. */
    long openModes() {
        return input | output | kernel;
    }

    /** The size of every mode. */
    double[] modeSizes() {
        return modes.stream().mapToDouble(mode -> (double) mode.size()).toArray();
    }

    /** The modes on any of some cores. */
    long union(long cores) {
        long union = 0;
        for (long rest = cores; rest != 0; rest &= rest - 1) {
            union |= coreModes[Long.numberOfTrailingZeros(rest)];
        }
        return union;
    }

    /**
     * The modes of the tensor that some cores contract to: of theirs, those that the kernel or
     * another core still needs.
     */
    public long keptByCores(long cores) {
        return union(cores) & (openModes() | union(allCores() & ~cores));
    }

    /** The channel modes of the tensor that the input and some cores contract to. */
    long keptByInput(long cores) {
        return (union(cores) | input) & (output | union(allCores() & ~cores)) & ~kernel;
    }

    /**
     * Whether every kernel mode on these cores is on no other core: only then can the input be
     * convolved along it.
     */
    public boolean ownsItsKernelModes(long cores) {
        return (union(cores) & union(allCores() & ~cores) & kernel) == 0;
    }

    /** The number of indices of a set of modes. */
    public double size(long set) {
        double size = 1;
        for (long rest = set; rest != 0; rest &= rest - 1) {
            size *= modes.get(Long.numberOfTrailingZeros(rest)).size();
        }
        return size;
    }

    /** The modes of a core in the order of its axes. */
    public int[] axes(int core) {
        Core axes = network.cores().get(core);
        return axes.modes().stream().mapToInt(modes::indexOf).filter(id -> id >= 0).toArray();
    }

    /** The modes of some roles, one after another, each in order of first appearance. */
    public int[] ordered(Role... roles) {
        List<Integer> ids = new ArrayList<>();
        for (Role role : roles) {
            for (int mode = 0; mode < modes.size(); mode++) {
                if (modes.get(mode).role() == role) {
                    ids.add(mode);
                }
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The sizes of modes, in order. */
    public long[] sizes(int... ids) {
        long[] sizes = new long[ids.length];
        for (int n = 0; n < ids.length; n++) {
            sizes[n] = modes.get(ids[n]).size();
        }
        return sizes;
    }
}
