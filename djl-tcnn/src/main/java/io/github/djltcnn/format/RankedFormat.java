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
package io.github.djltcnn.format;

import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A ready-made format: it writes its pattern, the layer gives the channels and the window, and a
 * {@link Rank} gives the ranks. With groups, every core carries the group mode, so that each group
 * is a small network of its own.
 */
abstract class RankedFormat implements TensorFormat {

    private final String name;
    private final Rank rank;

    RankedFormat(String name, Rank rank) {
        this.name = name;
        this.rank = Objects.requireNonNull(rank, "rank");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Rank rank() {
        return rank;
    }

    @Override
    public TensorNetwork network(KernelSpec spec) {
        return rank.assign(pattern(spec), spec.denseParameterCount(), name).toNetwork();
    }

    @Override
    public NetworkPattern pattern(KernelSpec spec) {
        List<List<String>> cores = new ArrayList<>();
        Map<String, Long> sizes = new LinkedHashMap<>(kernelSizes(spec));
        write(spec, cores, sizes);
        if (spec.groups() > 1) {
            cores.replaceAll(core -> modes("g", core));
            sizes.put("g", spec.groups());
        }
        return NetworkPattern.of(cores).withSizes(sizes);
    }

    /**
     * Writes the pattern.
     *
     * @param spec the kernel
     * @param cores takes the cores, each as the names of its modes in order
     * @param sizes takes the sizes of the channel modes; the kernel axes are there already
     */
    abstract void write(KernelSpec spec, List<List<String>> cores, Map<String, Long> sizes);

    /** The kernel axes of a layer by name, as {@code h=3, w=3}. */
    static Map<String, Long> kernelSizes(KernelSpec spec) {
        List<Role> axes = List.of(Role.DEPTH, Role.HEIGHT, Role.WIDTH);
        int n = spec.kernel().dimension();
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (int axis = 0; axis < n; axis++) {
            Role role = axes.get(axes.size() - n + axis);
            sizes.put(String.valueOf(role.letter()), spec.kernel().get(axis));
        }
        return sizes;
    }

    /** The modes of the kernel axes of a layer, as {@code h, w}. */
    static List<String> kernelModes(KernelSpec spec) {
        return List.copyOf(kernelSizes(spec).keySet());
    }

    /** A core of modes and lists of modes. */
    static List<String> modes(Object... parts) {
        List<String> core = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof List<?> several) {
                several.forEach(mode -> core.add((String) mode));
            } else {
                core.add((String) part);
            }
        }
        return core;
    }

    /** Writes the sizes of whole channel axes, one mode each. */
    static void wholeChannels(KernelSpec spec, Map<String, Long> sizes) {
        sizes.put("i", spec.inputChannels() / spec.groups());
        sizes.put("o", spec.outputChannels() / spec.groups());
    }

    /** What makes two formats of one class differ besides their ranks. */
    List<Object> settings() {
        return List.of(name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RankedFormat that
                && getClass() == that.getClass()
                && rank.equals(that.rank)
                && settings().equals(that.settings());
    }

    @Override
    public int hashCode() {
        return Objects.hash(getClass(), rank, settings());
    }

    /** Returns name and ranks, as {@code TR(10)}. */
    @Override
    public String toString() {
        return name + "(" + rank + ")";
    }
}
