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
package io.github.djltcnn.compression;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.Layers;
import io.github.djltcnn.conversion.LayerTimes;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Times of layers, measured on this machine when they are first asked for. Of every kind of layer
 * (channels, window, geometry, input) a dense one is timed, and of every format a few sizes; the
 * times of other ranks lie between, by multiply-adds. All of them are kept, so that a model of many
 * equal layers needs few measurements. Several copies of a layer are timed together, so that the
 * call into libtorch, which a whole model pays once, hardly counts.
 *
 * <p>Not safe for several threads; nothing else should run meanwhile.
 *
 * @since 0.1.0
 */
public final class MeasuredTimes implements LayerTimes {

    /** Shares of the dense parameters at which a format is timed. */
    private static final double[] SHARES = {0.04, 0.12, 0.25, 0.45, 0.8};

    private static final long LANES = 8;

    /** Layers of less work are timed in more copies. */
    private static final double WORK_TOGETHER = 2e7;

    private static final int MOST_COPIES = 8;

    private final NDManager parent;
    private final PredictionMode mode;
    private final DataType type;
    private final double secondsEach;
    private final Runnable between;
    private final Map<Kind, Double> dense = new HashMap<>();
    private final Map<Family, NavigableMap<Double, Double>> families = new HashMap<>();
    private double call = Double.NaN;
    private double other;
    private int measurements;

    private interface Maker {
        Block make();
    }

    /** A layer, whatever its format. */
    private record Kind(KernelSpec spec, ConvolutionGeometry geometry, Shape input) {}

    /** A layer in a format, whatever its ranks. */
    private record Family(Kind kind, NetworkPattern pattern) {}

    /**
     * Prepares measurements.
     *
     * @param parent a manager on the device; it stays open until the last measurement
     * @param mode how layers predict
     */
    public MeasuredTimes(NDManager parent, PredictionMode mode) {
        this(parent, mode, DataType.FLOAT32, 0.04, () -> {});
    }

    MeasuredTimes(
            NDManager parent,
            PredictionMode mode,
            DataType type,
            double secondsEach,
            Runnable between) {
        this.parent = parent;
        this.mode = mode;
        this.type = type;
        this.secondsEach = secondsEach;
        this.between = between;
    }

    @Override
    public double seconds(TensorNetwork network, ConvolutionGeometry geometry, Shape input) {
        KernelSpec spec =
                new KernelSpec(
                        network.inputChannels(),
                        network.outputChannels(),
                        geometry.kernel(),
                        network.groups());
        Kind kind = new Kind(spec, geometry, input);
        if (network.cores().size() == 1) {
            return dense.computeIfAbsent(kind, this::denseSeconds);
        }
        NavigableMap<Double, Double> known =
                families.computeIfAbsent(new Family(kind, open(network)), this::measured);
        double macs = network.macs(geometry, input);
        if (known.isEmpty()) {
            return measure(kind, network);
        }
        return between(known, macs);
    }

    @Override
    public double otherSeconds() {
        return other;
    }

    /**
     * Sets the time of all that is no layer with a kernel.
     *
     * @param seconds the time, at least 0
     */
    public void setOtherSeconds(double seconds) {
        if (!(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("A time is at least 0 seconds, got " + seconds);
        }
        other = seconds;
    }

    /**
     * Returns how many layers were timed.
     *
     * @return the number
     */
    public int measurements() {
        return measurements;
    }

    /** The pattern of a network without the sizes of its ranks. */
    private static NetworkPattern open(TensorNetwork network) {
        NetworkPattern pattern = network.pattern();
        List<List<String>> cores = pattern.cores();
        Map<String, Long> sizes = new HashMap<>();
        network.modes().stream()
                .filter(mode -> mode.role() != Role.RANK)
                .forEach(mode -> sizes.put(mode.name(), mode.size()));
        return NetworkPattern.of(cores).withSizes(sizes);
    }

    /** Times a format at a few sizes: multiply-adds and seconds. */
    private NavigableMap<Double, Double> measured(Family family) {
        NavigableMap<Double, Double> times = new TreeMap<>();
        Kind kind = family.kind;
        for (double share : SHARES) {
            TensorNetwork network;
            try {
                network = TensorFormats.of(family.pattern, Rank.ratio(share)).network(kind.spec);
            } catch (IllegalArgumentException e) {
                continue; // rank 1 is above this share already
            }
            network = whole(family.pattern, network);
            double macs = network.macs(kind.geometry, kind.input);
            if (!times.containsKey(macs)) {
                times.put(macs, measure(kind, network));
            }
        }
        return times;
    }

    /** The network with its ranks cut to whole vectors. */
    private static TensorNetwork whole(NetworkPattern pattern, TensorNetwork network) {
        Map<String, Long> ranks = new HashMap<>();
        network.modes(Role.RANK)
                .forEach(
                        mode ->
                                ranks.put(
                                        mode.name(),
                                        mode.size() < LANES
                                                ? mode.size()
                                                : mode.size() / LANES * LANES));
        return pattern.withSizes(ranks).toNetwork();
    }

    private static double between(NavigableMap<Double, Double> known, double macs) {
        Map.Entry<Double, Double> low = known.floorEntry(macs);
        Map.Entry<Double, Double> high = known.ceilingEntry(macs);
        if (low == null) {
            return high.getValue();
        }
        if (high == null) {
            return low.getValue() * macs / low.getKey();
        }
        double width = high.getKey() - low.getKey();
        double share = width > 0 ? (macs - low.getKey()) / width : 0;
        return low.getValue() + share * (high.getValue() - low.getValue());
    }

    private double denseSeconds(Kind kind) {
        KernelLayer layer = new KernelLayer(kind.spec, kind.geometry, true, kind.input);
        return measure(kind, (double) layer.denseMacs(), () -> Layers.newDense(layer));
    }

    private double measure(Kind kind, TensorNetwork network) {
        KernelLayer layer = new KernelLayer(kind.spec, kind.geometry, true, kind.input);
        return measure(
                kind,
                (double) network.macs(kind.geometry, kind.input),
                () -> {
                    Block block = Layers.tensorial(layer, network, "layer");
                    block.setInitializer(TensorialInitializer.fanIn(), Parameter.Type.WEIGHT);
                    return block;
                });
    }

    private double measure(Kind kind, double macs, Maker maker) {
        between.run();
        measurements++;
        int copies = (int) Math.max(1, Math.min(MOST_COPIES, WORK_TOGETHER / macs));
        List<Block> blocks = new ArrayList<>();
        for (int n = 0; n < copies; n++) {
            blocks.add(maker.make());
        }
        double together = together(blocks, kind.input);
        if (Double.isNaN(call)) {
            call = callSeconds();
        }
        return Math.max(together - call, 0.1 * together) / copies;
    }

    /** What a call takes that computes next to nothing. */
    private double callSeconds() {
        Block nothing = Activation.reluBlock();
        return together(List.of(nothing), new Shape(1, 1));
    }

    private double together(List<Block> blocks, Shape input) {
        try (NDManager manager = parent.newSubManager()) {
            ParallelBlock all =
                    new ParallelBlock(
                            outputs -> {
                                NDList joined = new NDList();
                                outputs.forEach(joined::addAll);
                                return joined;
                            });
            blocks.forEach(all::add);
            all.initialize(manager, type, input);
            all.getParameters()
                    .values()
                    .forEach(parameter -> parameter.getArray().setRequiresGradient(false));
            try (Prediction prediction = Prediction.of(manager, all, input, type, mode)) {
                return Latency.of(List.of(prediction), secondsEach, between)[0].least();
            }
        }
    }

    /** Returns what was measured, for people. */
    @Override
    public String toString() {
        return measurements + " layers timed, " + Arrays.toString(SHARES) + " of the dense ones";
    }
}
