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
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * The formats: rules that write a tensor network for a given convolution. Patterns below are those
 * of a two-dimensional convolution without groups; {@code d} joins {@code h w} in three dimensions,
 * {@code h} goes in one, and a linear layer has no kernel axis. With groups every core also carries
 * the group mode {@code g}.
 *
 * @since 0.1.0
 */
public final class TensorFormats {

    private static final ChannelPieces PIECES = ChannelPieces.even(2);

    private TensorFormats() {}

    /**
     * Asks a format for the network of a kernel, and checks what it says: a rule that a user wrote
     * may be wrong.
     *
     * @param format the format
     * @param spec the kernel
     * @return the network, which is a kernel of these channels, window and groups
     * @throws IllegalArgumentException if the format writes no network, or that of another kernel
     */
    public static TensorNetwork network(TensorFormat format, KernelSpec spec) {
        TensorNetwork network = format.network(spec);
        if (network == null || !spec.fits(network)) {
            throw new IllegalArgumentException(
                    "Format "
                            + format.name()
                            + " writes "
                            + (network == null
                                    ? "no network (null)"
                                    : '"' + network.toString() + '"')
                            + " for a kernel of "
                            + spec
                            + (network == null ? "" : ", which is a kernel of " + kernel(network))
                            + "; TensorFormat.network(spec) returns a network of the channels,"
                            + " window and groups that it is given");
        }
        return network;
    }

    private static String kernel(TensorNetwork network) {
        return network.inputChannels()
                + " -> "
                + network.outputChannels()
                + " channels, kernel "
                + network.kernelShape(network.minDimensions())
                + ", groups "
                + network.groups();
    }

    /**
     * CP (canonical polyadic) with one factor per kernel axis: {@code i r, h r, w r, o r}.
     *
     * @param rank one rank
     * @return the format
     */
    public static TensorFormat cp(Rank rank) {
        return new CanonicalPolyadic(rank, false);
    }

    /**
     * CP with a joint kernel factor: {@code i r, h w r, o r}.
     *
     * @param rank one rank
     * @return the format
     */
    public static TensorFormat cpJoint(Rank rank) {
        return new CanonicalPolyadic(rank, true);
    }

    /**
     * Tucker-2: {@code i r1, r1 r2 h w, r2 o}.
     *
     * @param rank two ranks, towards the input and towards the output
     * @return the format
     */
    public static TensorFormat tucker2(Rank rank) {
        return new Tucker2(rank);
    }

    /**
     * Hyper-Tucker-2, Tucker-2 with its ranks joined into one hyperedge: {@code i r, r h w, r o}.
     *
     * @param rank one rank
     * @return the format
     */
    public static TensorFormat hyperTucker2(Rank rank) {
        return new HyperTucker2(rank);
    }

    /**
     * Tensor train over channel pieces: {@code i1 r1, r1 i2 r2, r2 h w r3, r3 o1 r4, r4 o2}. Each
     * channel axis is split into two pieces unless {@link ChainFormat#withPieces} says otherwise.
     *
     * @param rank one rank per joint of the chain
     * @return the format
     */
    public static ChainFormat tensorTrain(Rank rank) {
        return new TensorTrain(rank, PIECES, PIECES);
    }

    /**
     * Tensor-train matrix, which pairs input and output pieces place by place: {@code h w r0, r0 i1
     * o1 r1, r1 i2 o2}. Each channel axis is split into two pieces unless {@link
     * ChainFormat#withPieces} says otherwise; the shorter list is filled with ones.
     *
     * @param rank one rank per joint of the chain
     * @return the format
     */
    public static ChainFormat tensorTrainMatrix(Rank rank) {
        return new TensorTrainMatrix(rank, PIECES, PIECES);
    }

    /**
     * Tensor ring over channel pieces: {@code r0 i1 r1, r1 i2 r2, r2 h w r3, r3 o1 r4, r4 o2 r0}.
     * Each channel axis is split into two pieces unless {@link ChainFormat#withPieces} says
     * otherwise.
     *
     * @param rank one rank per joint of the ring
     * @return the format
     */
    public static ChainFormat tensorRing(Rank rank) {
        return new TensorRing(rank, PIECES, PIECES);
    }

    /**
     * Block-term, a sum of Tucker-2 terms: {@code rb i r1, rb r1 r2 h w, rb r2 o} with {@code rb}
     * numbering the terms.
     *
     * @param blocks the number of terms, at least 1
     * @param rank two ranks, towards the input and towards the output
     * @return the format
     */
    public static TensorFormat blockTerm(int blocks, Rank rank) {
        return new BlockTerm(blocks, rank);
    }

    /**
     * The dense kernel, {@code o i h w}: an ordinary convolution.
     *
     * @return the format
     */
    public static TensorFormat dense() {
        return new Dense();
    }

    /**
     * Any network. Sizes of channel modes and kernel axes may be left out: they come from the
     * layer, and several open modes of one channel axis are filled in evenly. Sizes of ranks must
     * be written. Written group modes must agree with the layer's groups.
     *
     * @param notation the network, such as {@code "i r=8, r h w, r o"}
     * @return the format
     * @throws IllegalArgumentException if the notation is not well-formed or a rank has no size
     */
    public static TensorFormat graph(String notation) {
        return new GraphFormat(NetworkPattern.parse(notation), null);
    }

    /**
     * Any network, with a rule for the ranks that have no size written.
     *
     * @param notation the network, such as {@code "i r, r h w, r o"}
     * @param rank the rule
     * @return the format
     * @throws IllegalArgumentException if the notation is not well-formed
     */
    public static TensorFormat graph(String notation, Rank rank) {
        return new GraphFormat(
                NetworkPattern.parse(notation), Objects.requireNonNull(rank, "rank"));
    }

    /**
     * The best of several formats, chosen for every layer by itself: within a target for the whole
     * model the one that loses least for what it costs; otherwise that of the least error, or of
     * the fewest parameters where {@link Rank#error} bounds the error. Formats that do not fit a
     * layer are passed over. Without trained weights it is the first that fits.
     *
     * @param first a format
     * @param others more of them, all with the same rank
     * @return the format
     * @throws IllegalArgumentException if their ranks are not equal
     */
    public static TensorFormat any(TensorFormat first, TensorFormat... others) {
        List<TensorFormat> candidates = new ArrayList<>();
        candidates.addAll(first.candidates());
        for (TensorFormat other : others) {
            candidates.addAll(other.candidates());
        }
        return candidates.size() == 1 ? candidates.get(0) : new AnyFormat(candidates);
    }

    /**
     * One given network; it fits the layers that have its channels, window and groups.
     *
     * @param network the network
     * @return the format that writes it, the same as {@link #graph(String)} of its notation
     */
    public static TensorFormat of(TensorNetwork network) {
        return new GraphFormat(network.pattern(), null);
    }

    /**
     * Any network, with a rule for the ranks that have no size, as {@link #graph(String, Rank)}.
     *
     * @param pattern the network
     * @param rank the rule
     * @return the format
     */
    public static TensorFormat of(NetworkPattern pattern, Rank rank) {
        return new GraphFormat(pattern, Objects.requireNonNull(rank, "rank"));
    }

    /**
     * A format of your own whose ranks a {@link Rank} decides. The rule writes a pattern for a
     * layer; what sizes it leaves open are filled in as in {@link #graph(String, Rank)}.
     *
     * <pre>{@code
     * TensorFormat mine =
     *         TensorFormats.custom(
     *                 "pointwise first",
     *                 spec -> NetworkPattern.parse(spec.kernel().dimension() == 2
     *                         ? "i r1, r1 r2 h w, r2 o"
     *                         : "i r1, r1 o"),
     *                 Rank.ratio(0.25));
     * }</pre>
     *
     * @param name the name in messages and reports
     * @param rule writes the pattern of a layer
     * @param rank decides the ranks that the pattern leaves open
     * @return the format
     */
    public static TensorFormat custom(
            String name, Function<KernelSpec, NetworkPattern> rule, Rank rank) {
        return new CustomFormat(name, rule, rank);
    }
}
