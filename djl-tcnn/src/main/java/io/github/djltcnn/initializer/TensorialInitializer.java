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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Initializer for any tensorial convolution: it reads off the network how many products add up in
 * one output, and gives the cores the variances that keep the second moment of features (fan-in) or
 * gradients (fan-out) through the layer.
 *
 * <p>A layer {@code y = K * x} whose kernel is the contraction of N independent cores with
 * zero-mean entries of variances {@code s_1 .. s_N} obeys, for every network whatever its shape,
 *
 * <pre>E[y^2] = s_1 .. s_N * fan * E[x^2],   fan = product of the sizes of all summed modes</pre>
 *
 * with each hyperedge counted once (see {@link Fans}). So the rule is {@code s_1 .. s_N = gain /
 * fan} with equal shares, {@code s_n = (gain / fan)^(1/N)}. For a dense kernel this is Kaiming's
 * rule; in general it is the unified paradigm of <a href="https://arxiv.org/abs/2205.15307">Pan et
 * al., "A Unified Weight Initialization Paradigm for Tensorial Convolutional Neural Networks", ICML
 * 2022</a>. An initializer that looks at the shape of each core alone, as Kaiming's and Xavier's
 * do, is wrong by a factor per layer that no network of some depth survives.
 *
 * <p>It is the default of every tensorial block. Set for a whole model, it binds to the network of
 * each tensorial layer and treats the weight of an ordinary convolution or linear layer, shaped
 * (out, in, kernel axes), as a network of one core, which gives Kaiming's or Xavier's numbers:
 *
 * <pre>{@code
 * block.setInitializer(
 *         TensorialInitializer.fanIn().withGain(Gain.relu()).withSeed(42), Parameter.Type.WEIGHT);
 * }</pre>
 *
 * <p>The settings never change; each {@code with} method returns a new initializer, which starts at
 * the first stream of its seed. The one thing that an initializer counts is how many layers it has
 * drawn: a second model that is initialized by the same object gets other numbers, and so two
 * initializers of one setting are not interchangeable and are never equal. Without a seed the
 * numbers follow the random seed of DJL's engine. With one they are drawn in Java and are the same
 * on every machine; the layers that one initializer meets take successive streams of that seed, so
 * equal models initialized by two initializers of the same seed are equal, and layers of one model
 * are independent.
 *
 * @since 0.1.0
 */
public final class TensorialInitializer implements Initializer {

    /** The most entries that an array of Java holds on all machines. */
    private static final long MAX_CORE_ENTRIES = Integer.MAX_VALUE - 8;

    private final Settings settings;

    /** The number of the next stream of the seed; the only thing here that changes. */
    private final AtomicLong stream = new AtomicLong();

    private TensorialInitializer(Settings settings) {
        this.settings = settings;
    }

    /**
     * Returns the general rule: {@code s_1 .. s_N = gain / fan} for a fan of choice, until told
     * otherwise with the nominal fans, the gain of ReLU, orthogonal cores, equal split, exact norm
     * and mirrored outputs. The paper's own setting is {@code
     * of(mode).withDistribution(NORMAL).withScale(EXPECTED).withMirroring(NONE)}.
     *
     * @param mode which fan
     * @return the initializer
     */
    public static TensorialInitializer of(FanMode mode) {
        return new TensorialInitializer(Settings.of(mode));
    }

    /**
     * Returns the initializer that keeps the second moment of the features.
     *
     * @return {@code of(FanMode.IN)}
     */
    public static TensorialInitializer fanIn() {
        return of(FanMode.IN);
    }

    /**
     * Returns the initializer that keeps the second moment of the gradients.
     *
     * @return {@code of(FanMode.OUT)}
     */
    public static TensorialInitializer fanOut() {
        return of(FanMode.OUT);
    }

    /**
     * Returns the initializer that divides by the arithmetic mean of both fans.
     *
     * @return {@code of(FanMode.AVERAGE)}
     */
    public static TensorialInitializer fanAvg() {
        return of(FanMode.AVERAGE);
    }

    /**
     * Returns the initializer that divides by the geometric mean of both fans.
     *
     * @return {@code of(FanMode.GEOMETRIC)}
     */
    public static TensorialInitializer fanGeometric() {
        return of(FanMode.GEOMETRIC);
    }

    /**
     * Returns this initializer with the gain of another activation.
     *
     * @param gain the gain; ReLU's by default
     * @return a new initializer
     */
    public TensorialInitializer withGain(Gain gain) {
        return new TensorialInitializer(settings.withGain(gain));
    }

    /**
     * Returns this initializer with another count of the window's taps. Where the geometry is not
     * known, that is on weights of blocks that are not tensorial, the count stays nominal.
     *
     * @param fanCount the count; nominal by default
     * @return a new initializer
     */
    public TensorialInitializer withFanCount(FanCount fanCount) {
        return new TensorialInitializer(settings.withFanCount(fanCount));
    }

    /**
     * Returns this initializer with another law of the entries.
     *
     * @param distribution the law; orthogonal by default
     * @return a new initializer
     */
    public TensorialInitializer withDistribution(Distribution distribution) {
        return new TensorialInitializer(settings.withDistribution(distribution));
    }

    /**
     * Returns this initializer with another split of the variance over the cores.
     *
     * @param split the split; equal by default
     * @return a new initializer
     */
    public TensorialInitializer withSplit(Split split) {
        return new TensorialInitializer(settings.withSplit(split));
    }

    /**
     * Returns this initializer with the rule kept on average or in each draw.
     *
     * @param scale the scale; exact by default
     * @return a new initializer
     */
    public TensorialInitializer withScale(Scale scale) {
        return new TensorialInitializer(settings.withScale(scale));
    }

    /**
     * Returns this initializer with other channels mirrored.
     *
     * @param mirroring which channels; the outputs by default
     * @return a new initializer
     */
    public TensorialInitializer withMirroring(Mirroring mirroring) {
        return new TensorialInitializer(settings.withMirroring(mirroring));
    }

    /**
     * Returns this initializer with a seed of its own.
     *
     * @param seed the seed
     * @return a new initializer, which starts at the seed's first stream
     */
    public TensorialInitializer withSeed(long seed) {
        return new TensorialInitializer(settings.withSeed(seed));
    }

    /**
     * Returns this initializer as it was made, at the first stream of its seed: the next model gets
     * the numbers that the first one got.
     *
     * @return a new initializer
     */
    public TensorialInitializer restarted() {
        return new TensorialInitializer(settings);
    }

    /**
     * Binds to a layer whose input meets the cores as they are written.
     *
     * @param network the network of its kernel
     * @param geometry its window, stride, padding and dilation
     * @param inputShape its input, (batch, channels, spatial...); the batch does not matter
     * @return one initializer per core, in the order of the network
     * @throws IllegalArgumentException if network, geometry and input do not fit together
     */
    public List<Initializer> bind(
            TensorNetwork network, ConvolutionGeometry geometry, Shape inputShape) {
        return bind(network, geometry, inputShape, () -> VarianceRule.written(network));
    }

    /**
     * Binds to a layer.
     *
     * @param network the network of its kernel
     * @param geometry its window, stride, padding and dilation
     * @param inputShape its input, (batch, channels, spatial...); the batch does not matter
     * @param order gives the numbers of the cores, from 0, in the order in which the input meets
     *     them; asked only if the split wants to know
     * @return one initializer per core, in the order of the network
     * @throws IllegalArgumentException if network, geometry, input and order do not fit together
     */
    public List<Initializer> bind(
            TensorNetwork network,
            ConvolutionGeometry geometry,
            Shape inputShape,
            Supplier<List<Integer>> order) {
        int dimensions = geometry.numDimensions();
        if (!network.kernelShape(dimensions).equals(geometry.kernel())) {
            throw new IllegalArgumentException(
                    "Geometry has kernel "
                            + geometry.kernel()
                            + ", the network \""
                            + network
                            + "\" has "
                            + network.kernelShape(dimensions));
        }
        if (inputShape.dimension() < 2
                || (dimensions > 0 && inputShape.dimension() != dimensions + 2)) {
            throw new IllegalArgumentException(
                    "Expected an input (batch, channels and "
                            + dimensions
                            + " spatial dimensions), got "
                            + inputShape);
        }
        Shape spatial = dimensions == 0 ? new Shape() : inputShape.slice(2);
        Fans fans = settings.fanCount().fans(network, geometry, spatial);
        LayerDraw layer = layer(network, fans, order(network, order));
        List<Initializer> initializers = new ArrayList<>();
        for (int n = 0; n < network.cores().size(); n++) {
            initializers.add(new CoreInitializer(layer, n));
        }
        return List.copyOf(initializers);
    }

    /**
     * Initializes the weight of an ordinary convolution or linear layer by the same rule: Kaiming's
     * for fan-in and fan-out, Xavier's for the average.
     *
     * @param manager the manager the array is attached to
     * @param shape (out, in / groups, kernel axes...) with no to three kernel axes
     * @param dataType float64, float32 or float16
     * @return the weight
     * @throws IllegalArgumentException if the shape is not that of a weight
     */
    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
        TensorNetwork weight = weight(shape);
        return new CoreInitializer(layer(weight, Fans.nominal(weight), List.of(0)), 0)
                .initialize(manager, shape, dataType);
    }

    private static TensorNetwork weight(Shape shape) {
        int axes = shape.dimension() - 2;
        if (axes < 0 || axes > 3 || shape.size() < 1) {
            throw new IllegalArgumentException(
                    "TensorialInitializer reads fans off a weight (out, in, kernel axes...) of 2 to 5"
                            + " dimensions, got "
                            + shape
                            + "; give other parameters an initializer of their own");
        }
        List<String> names = List.of("d", "h", "w").subList(3 - axes, 3);
        List<Mode> modes = new ArrayList<>();
        modes.add(new Mode("o", shape.get(0)));
        modes.add(new Mode("i", shape.get(1)));
        for (int axis = 0; axis < axes; axis++) {
            modes.add(new Mode(names.get(axis), shape.get(axis + 2)));
        }
        return new TensorNetwork(List.of(new Core(modes)));
    }

    /** The order that the split follows, checked. */
    private List<Integer> order(TensorNetwork network, Supplier<List<Integer>> order) {
        List<Integer> written = VarianceRule.written(network);
        if (!settings.split().followsOrder()) {
            return written;
        }
        List<Integer> given = List.copyOf(order.get());
        if (given.size() != written.size() || !given.containsAll(written)) {
            throw new IllegalArgumentException(
                    "The order names each of the cores "
                            + written
                            + " of \""
                            + network
                            + "\" once, got "
                            + given);
        }
        return given;
    }

    private LayerDraw layer(TensorNetwork network, Fans fans, List<Integer> order) {
        for (Core core : network.cores()) {
            if (core.size() > MAX_CORE_ENTRIES) {
                throw new IllegalArgumentException(
                        "Core \""
                                + core
                                + "\" of \""
                                + network
                                + "\" has "
                                + core.size()
                                + " entries; a core that is drawn has at most "
                                + MAX_CORE_ENTRIES
                                + ": use smaller ranks or more pieces");
            }
        }
        Long seed = settings.seed();
        RandomStream seeds = seed == null ? null : new RandomStream(seed, stream.getAndIncrement());
        return new LayerDraw(network, new VarianceRule(settings, network, fans, order), seeds);
    }

    /** Returns the settings. */
    @Override
    public String toString() {
        return "TensorialInitializer(" + settings + ")";
    }
}
