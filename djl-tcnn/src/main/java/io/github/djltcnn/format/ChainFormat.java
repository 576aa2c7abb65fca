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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A format that splits the channel axes into pieces and lays them out in a chain or ring of cores:
 * tensor train, tensor-train matrix, tensor ring. Immutable.
 *
 * @since 0.1.0
 */
public abstract class ChainFormat extends RankedFormat {

    private final ChannelPieces inputPieces;
    private final ChannelPieces outputPieces;

    ChainFormat(String name, Rank rank, ChannelPieces inputPieces, ChannelPieces outputPieces) {
        super(name, rank);
        this.inputPieces = Objects.requireNonNull(inputPieces, "inputPieces");
        this.outputPieces = Objects.requireNonNull(outputPieces, "outputPieces");
    }

    /**
     * Returns the same format with other channel pieces on both sides.
     *
     * @param pieces how channels are split
     * @return a new format
     */
    public ChainFormat withPieces(ChannelPieces pieces) {
        return copy(rank(), pieces, pieces);
    }

    /**
     * Returns the same format with other channel pieces.
     *
     * @param input how input channels are split
     * @param output how output channels are split
     * @return a new format
     */
    public ChainFormat withPieces(ChannelPieces input, ChannelPieces output) {
        return copy(rank(), input, output);
    }

    @Override
    public ChainFormat withRank(Rank rank) {
        return copy(rank, inputPieces, outputPieces);
    }

    @Override
    final List<Object> settings() {
        return List.of(inputPieces, outputPieces);
    }

    abstract ChainFormat copy(Rank rank, ChannelPieces input, ChannelPieces output);

    @Override
    final void write(KernelSpec spec, List<List<String>> cores, Map<String, Long> sizes) {
        List<String> inputs =
                name("i", inputPieces.split(spec.inputChannels() / spec.groups()), sizes);
        List<String> outputs =
                name("o", outputPieces.split(spec.outputChannels() / spec.groups()), sizes);
        lay(inputs, kernelModes(spec), outputs, cores, sizes);
    }

    private static List<String> name(String letter, List<Long> pieces, Map<String, Long> sizes) {
        List<String> names = new ArrayList<>();
        for (int n = 0; n < pieces.size(); n++) {
            names.add(letter + (n + 1));
            sizes.put(names.get(n), pieces.get(n));
        }
        return names;
    }

    /**
     * Lays the cores out over named pieces.
     *
     * @param inputs the modes of the input channel
     * @param kernel the kernel axes; none for a linear layer
     * @param outputs the modes of the output channel
     * @param cores takes the cores
     * @param sizes takes further sizes
     */
    abstract void lay(
            List<String> inputs,
            List<String> kernel,
            List<String> outputs,
            List<List<String>> cores,
            Map<String, Long> sizes);

    /** Joins neighbours by ranks numbered from {@code firstRank}; the ends stay open. */
    static void link(List<List<String>> free, int firstRank, List<List<String>> cores) {
        for (int n = 0; n < free.size(); n++) {
            List<String> core = new ArrayList<>(free.get(n));
            if (n > 0) {
                core.add(0, "r" + (firstRank + n - 1));
            }
            if (n < free.size() - 1) {
                core.add("r" + (firstRank + n));
            }
            cores.add(core);
        }
    }

    /** The free modes of the cores of a chain: input pieces, kernel, output pieces. */
    static List<List<String>> chain(
            List<String> inputs, List<String> kernel, List<String> outputs) {
        List<List<String>> free = new ArrayList<>();
        inputs.forEach(mode -> free.add(List.of(mode)));
        if (!kernel.isEmpty()) {
            free.add(kernel);
        }
        outputs.forEach(mode -> free.add(List.of(mode)));
        return free;
    }
}
