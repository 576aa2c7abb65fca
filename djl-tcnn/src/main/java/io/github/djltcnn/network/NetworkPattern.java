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
package io.github.djltcnn.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * A tensor network whose sizes are not all known yet: what a line of notation says before a layer
 * fills in its channels and its kernel. Immutable, equal by value.
 *
 * <p>Notation: cores are separated by commas, modes by blanks, and a size is given once as {@code
 * name=size}. The first letter of a name is its {@link Role}. Tucker-2, for instance, is {@code i
 * r1=8, r1 r2=8 h w, r2 o}.
 *
 * @see TensorNetwork
 * @since 0.1.0
 */
public final class NetworkPattern {

    private final List<List<String>> cores;
    private final Map<String, Long> sizes;

    /** The names are checked, the lists copied by the caller. */
    NetworkPattern(List<List<String>> cores, Map<String, Long> sizes) {
        this.cores = cores;
        this.sizes = Collections.unmodifiableMap(sizes);
    }

    /**
     * Reads a line of notation.
     *
     * @param notation the line, such as {@code "i r=8, r h w, r o"}
     * @return the pattern
     * @throws IllegalArgumentException if the line is not well-formed; the text says where
     */
    public static NetworkPattern parse(String notation) {
        if (notation == null) {
            throw new IllegalArgumentException(
                    "A network is written as in \"i=16 r=8, r h=3 w=3, r o=32\", got null");
        }
        List<List<String>> cores = new ArrayList<>();
        Map<String, Long> sizes = new LinkedHashMap<>();
        String[] parts = notation.split(",", -1);
        for (int n = 0; n < parts.length; n++) {
            String part = parts[n].trim();
            if (part.isEmpty()) {
                throw new IllegalArgumentException(
                        "Core "
                                + (n + 1)
                                + " of \""
                                + notation
                                + "\" is empty; cores are separated by single commas");
            }
            List<String> core = new ArrayList<>();
            for (String token : part.split("\\s+", -1)) {
                String name = readMode(token, sizes, notation);
                if (core.contains(name)) {
                    throw new IllegalArgumentException(
                            "Core " + (n + 1) + " \"" + part + "\" has mode " + name + " twice");
                }
                core.add(name);
            }
            cores.add(List.copyOf(core));
        }
        return new NetworkPattern(List.copyOf(cores), sizes);
    }

    /**
     * Makes a pattern of its cores, without any size.
     *
     * @param cores for each core the names of its modes, in order
     * @return the pattern; {@link #withSizes} fills in the sizes that are known
     * @throws IllegalArgumentException if there is no core, a core has no mode or one twice, or a
     *     name is not that of a mode
     */
    public static NetworkPattern of(List<List<String>> cores) {
        if (cores.isEmpty()) {
            throw new IllegalArgumentException("A pattern needs at least one core, got none");
        }
        List<List<String>> copy = new ArrayList<>();
        for (List<String> core : cores) {
            if (core.isEmpty()) {
                throw new IllegalArgumentException(
                        "Core " + (copy.size() + 1) + " of " + cores + " has no mode");
            }
            core.forEach(Mode::checkName);
            if (core.stream().distinct().count() < core.size()) {
                throw new IllegalArgumentException(
                        "Core " + (copy.size() + 1) + " " + core + " has a mode twice");
            }
            copy.add(List.copyOf(core));
        }
        return new NetworkPattern(List.copyOf(copy), Map.of());
    }

    private static String readMode(String token, Map<String, Long> sizes, String notation) {
        int equals = token.indexOf('=');
        String name = equals < 0 ? token : token.substring(0, equals);
        Mode.checkName(name);
        if (equals >= 0) {
            long size = readSize(token, equals + 1, notation);
            Long old = sizes.putIfAbsent(name, size);
            if (old != null && old != size) {
                throw new IllegalArgumentException(
                        "Mode "
                                + name
                                + " has two sizes, "
                                + old
                                + " and "
                                + size
                                + ", in \""
                                + notation
                                + "\"; give it once");
            }
        }
        return name;
    }

    private static long readSize(String token, int from, String notation) {
        try {
            long size = Long.parseLong(token.substring(from));
            if (size >= 1) {
                return size;
            }
        } catch (NumberFormatException ignore) {
            // told below, with the text around it
        }
        throw new IllegalArgumentException(
                "\""
                        + token
                        + "\" in \""
                        + notation
                        + "\" has no valid size; expected name=size with a whole number of at"
                        + " least 1");
    }

    /**
     * Returns the cores.
     *
     * @return for each core the names of its modes, in order
     */
    public List<List<String>> cores() {
        return cores;
    }

    /**
     * Returns the names of all modes.
     *
     * @return each name once, in order of first appearance
     */
    public List<String> names() {
        return cores.stream().flatMap(List::stream).distinct().collect(Collectors.toList());
    }

    /**
     * Returns the names of the modes of one role.
     *
     * @param role the role
     * @return each name once, in order of first appearance
     */
    public List<String> names(Role role) {
        return names().stream().filter(name -> Role.of(name) == role).collect(Collectors.toList());
    }

    /**
     * Returns the size of a mode, if it is known.
     *
     * @param name the name of a mode
     * @return its size, or empty
     */
    public OptionalLong size(String name) {
        Long size = sizes.get(name);
        return size == null ? OptionalLong.empty() : OptionalLong.of(size);
    }

    /**
     * Returns a pattern with further sizes filled in.
     *
     * @param more sizes by name of mode; a size that is known already must agree
     * @return a new pattern
     * @throws IllegalArgumentException if a name is not in the pattern, a size is below 1, or it
     *     differs from the one known
     */
    public NetworkPattern withSizes(Map<String, Long> more) {
        List<String> names = names();
        Map<String, Long> merged = new LinkedHashMap<>(sizes);
        for (Map.Entry<String, Long> entry : more.entrySet()) {
            Mode mode = new Mode(entry.getKey(), entry.getValue());
            if (!names.contains(mode.name())) {
                throw new IllegalArgumentException(
                        "No mode " + mode.name() + " in \"" + this + "\"");
            }
            Long old = merged.putIfAbsent(mode.name(), mode.size());
            if (old != null && old != mode.size()) {
                throw new IllegalArgumentException(
                        "Mode "
                                + mode.name()
                                + " has size "
                                + old
                                + " in \""
                                + this
                                + "\", cannot become "
                                + mode.size());
            }
        }
        return new NetworkPattern(cores, merged);
    }

    /**
     * Returns the pattern without one mode, which is taken off every core.
     *
     * @param name the name of a mode
     * @return a new pattern
     * @throws IllegalArgumentException if there is no such mode, or a core has no other
     */
    public NetworkPattern without(String name) {
        if (!names().contains(name)) {
            throw new IllegalArgumentException("No mode " + name + " in \"" + this + "\"");
        }
        Map<String, Long> fewer = new LinkedHashMap<>(sizes);
        fewer.remove(name);
        return of(cores.stream()
                        .map(core -> core.stream().filter(m -> !m.equals(name)).toList())
                        .toList())
                .withSizes(fewer);
    }

    /**
     * Returns the network, once every size is known.
     *
     * @return the network
     * @throws IllegalArgumentException if a mode has no size, or the network is not valid
     */
    public TensorNetwork toNetwork() {
        List<String> missing =
                names().stream()
                        .filter(name -> !sizes.containsKey(name))
                        .collect(Collectors.toList());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "No size for "
                            + String.join(", ", missing)
                            + " in \""
                            + this
                            + "\"; give it once, as in "
                            + missing.get(0)
                            + "=4");
        }
        return new TensorNetwork(
                cores.stream()
                        .map(
                                core ->
                                        new Core(
                                                core.stream()
                                                        .map(n -> new Mode(n, sizes.get(n)))
                                                        .collect(Collectors.toList())))
                        .collect(Collectors.toList()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NetworkPattern that
                && cores.equals(that.cores)
                && sizes.equals(that.sizes);
    }

    @Override
    public int hashCode() {
        return 31 * cores.hashCode() + sizes.hashCode();
    }

    /** Returns the notation; {@link #parse} reads it back to an equal pattern. */
    @Override
    public String toString() {
        List<String> printed = new ArrayList<>();
        return cores.stream()
                .map(
                        core ->
                                core.stream()
                                        .map(name -> print(name, printed))
                                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining(", "));
    }

    private String print(String name, List<String> printed) {
        if (printed.contains(name) || !sizes.containsKey(name)) {
            return name;
        }
        printed.add(name);
        return name + "=" + sizes.get(name);
    }
}
