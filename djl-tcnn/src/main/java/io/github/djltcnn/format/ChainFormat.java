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

    abstract ChainFormat copy(Rank rank, ChannelPieces input, ChannelPieces output);

    @Override
    final void write(KernelSpec spec, List<String> cores, Map<String, Long> sizes) {
        List<String> inputs =
                name("i", inputPieces.split(spec.inputChannels() / spec.groups()), sizes);
        List<String> outputs =
                name("o", outputPieces.split(spec.outputChannels() / spec.groups()), sizes);
        lay(inputs, kernelModes(spec).trim(), outputs, cores, sizes);
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
     * @param kernel the kernel axes, or empty for a linear layer
     * @param outputs the modes of the output channel
     * @param cores takes the cores
     * @param sizes takes further sizes
     */
    abstract void lay(
            List<String> inputs,
            String kernel,
            List<String> outputs,
            List<String> cores,
            Map<String, Long> sizes);

    /** Joins neighbours by ranks numbered from {@code firstRank}; the ends stay open. */
    static void link(List<String> free, int firstRank, List<String> cores) {
        for (int n = 0; n < free.size(); n++) {
            String left = n == 0 ? "" : "r" + (firstRank + n - 1) + " ";
            String right = n == free.size() - 1 ? "" : " r" + (firstRank + n);
            cores.add(left + free.get(n) + right);
        }
    }

    /** The free modes of the cores of a chain: input pieces, kernel, output pieces. */
    static List<String> chain(List<String> inputs, String kernel, List<String> outputs) {
        List<String> free = new ArrayList<>(inputs);
        if (!kernel.isEmpty()) {
            free.add(kernel);
        }
        free.addAll(outputs);
        return free;
    }
}
