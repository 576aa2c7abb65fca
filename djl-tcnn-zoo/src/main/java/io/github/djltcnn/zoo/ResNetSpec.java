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
package io.github.djltcnn.zoo;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.KernelSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Everything that makes a model of the zoo what it is: two equal specifications give the same
 * parameters on every machine. Immutable.
 *
 * <pre>{@code
 * ResNetSpec.parse("tr_resnet20_r10").withOutSize(10).withImage(new Shape(1, 28, 28)).withSeed(7)
 * }</pre>
 *
 * @param family the format of the layers
 * @param layers the depth: 20, 32, 44, 56 or 110 for small images, 18, 34 or 50 for large ones
 * @param rank the rank of every edge, from 1 to 512; 0 for the dense family, which has none
 * @param outSize the number of classes, from 1 to 100,000
 * @param image the input (channels, height, width), each from 1 to 4096
 * @param seed the seed of the parameters
 * @param planner what evaluations are planned by; it changes no parameter
 * @since 0.1.0
 */
public record ResNetSpec(
        ResNetFamily family,
        int layers,
        int rank,
        int outSize,
        Shape image,
        long seed,
        PlannerOptions planner) {

    /** The depths of networks for small images. */
    static final List<Integer> CIFAR_LAYERS = List.of(20, 32, 44, 56, 110);

    /** The depths of networks for large images. */
    static final List<Integer> IMAGE_NET_LAYERS = List.of(18, 34, 50);

    /** The rank of a name that says none. */
    static final int DEFAULT_RANK = 10;

    private static final int MAX_RANK = 512;
    private static final int MAX_OUT_SIZE = 100_000;
    private static final int MAX_IMAGE_SIZE = 4096;
    private static final long MAX_PARAMETERS = 1L << 28;
    private static final Pattern NAME =
            Pattern.compile("([a-z0-9]+_)?resnet(\\d{1,4})(_r(\\d{1,4}))?");

    /**
     * Checks the numbers.
     *
     * @param family the format of the layers
     * @param layers the depth
     * @param rank the rank of every edge
     * @param outSize the number of classes
     * @param image the input (channels, height, width)
     * @param seed the seed of the parameters
     * @param planner what evaluations are planned by
     * @throws IllegalArgumentException if one is out of bounds, or the network would have more than
     *     268 million parameters
     */
    public ResNetSpec {
        Objects.requireNonNull(family, "family");
        Objects.requireNonNull(planner, "planner");
        if (!CIFAR_LAYERS.contains(layers) && !IMAGE_NET_LAYERS.contains(layers)) {
            throw new IllegalArgumentException(
                    "A ResNet of the zoo has "
                            + CIFAR_LAYERS
                            + " layers for small images or "
                            + IMAGE_NET_LAYERS
                            + " for large ones, got "
                            + layers);
        }
        if (family == ResNetFamily.DENSE) {
            if (rank != 0) {
                throw new IllegalArgumentException("A dense ResNet has no rank, got rank " + rank);
            }
        } else {
            between("rank", rank, 1, MAX_RANK);
        }
        between("outSize", outSize, 1, MAX_OUT_SIZE);
        if (image.dimension() != 3) {
            throw new IllegalArgumentException(
                    "An image is (channels, height, width), got " + image);
        }
        for (long size : image.getShape()) {
            between("a size of image " + image, size, 1, MAX_IMAGE_SIZE);
        }
        long most = mostParameters(family, layers, rank, outSize, image.get(0));
        if (most > MAX_PARAMETERS) {
            throw new IllegalArgumentException(
                    "A "
                            + family
                            + " ResNet of "
                            + layers
                            + " layers, rank "
                            + rank
                            + " and "
                            + outSize
                            + " classes may have "
                            + most
                            + " parameters, allowed are "
                            + MAX_PARAMETERS
                            + "; use a smaller rank");
        }
    }

    /**
     * Creates a specification that is planned by {@link PlannerOptions#standard()}.
     *
     * @param family the format of the layers
     * @param layers the depth
     * @param rank the rank of every edge
     * @param outSize the number of classes
     * @param image the input (channels, height, width)
     * @param seed the seed of the parameters
     * @throws IllegalArgumentException if one is out of bounds
     */
    public ResNetSpec(
            ResNetFamily family, int layers, int rank, int outSize, Shape image, long seed) {
        this(family, layers, rank, outSize, image, seed, PlannerOptions.standard());
    }

    /**
     * Reads a name: a family, {@code resnet}, the number of layers and perhaps the rank, such as
     * {@code tr_resnet20}, {@code tt_resnet32_r8} or {@code resnet18}. The rank is 10 unless the
     * name says another; there are 10 classes and images of 3x32x32 for small, 1000 and 3x224x224
     * for large networks; the seed is 0.
     *
     * @param name the name
     * @return the specification
     * @throws IllegalArgumentException if there is no such model; the message lists the nearest
     */
    public static ResNetSpec parse(String name) {
        if (name == null) {
            throw new IllegalArgumentException(ZooNames.unknown("null"));
        }
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(ZooNames.unknown(name));
        }
        ResNetFamily family;
        try {
            family = ResNetFamily.of(Objects.requireNonNullElse(matcher.group(1), "") + "resnet");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(ZooNames.unknown(name), e);
        }
        int layers = Integer.parseInt(matcher.group(2));
        if (!CIFAR_LAYERS.contains(layers) && !IMAGE_NET_LAYERS.contains(layers)) {
            throw new IllegalArgumentException(ZooNames.unknown(name));
        }
        boolean small = CIFAR_LAYERS.contains(layers);
        int rank = family == ResNetFamily.DENSE ? 0 : DEFAULT_RANK;
        if (matcher.group(4) != null) {
            rank = Integer.parseInt(matcher.group(4));
        }
        Shape image = small ? new Shape(3, 32, 32) : new Shape(3, 224, 224);
        return new ResNetSpec(family, layers, rank, small ? 10 : 1000, image, 0);
    }

    /**
     * Reads a specification from the arguments of a DJL model, as they come from {@code Criteria},
     * a URL's query, {@code serving.properties} or JSON.
     *
     * @param arguments {@code model} (the name, required), {@code rank}, {@code classes}, {@code
     *     channels}, {@code height}, {@code width}, {@code seed}, and the options of {@link
     *     PlannerOptions#fromMap}: {@code objective}, {@code memoryLimit}, {@code autotune}, {@code
     *     keptBytes}, {@code costModel.*}; others are ignored, since DJL adds its own
     * @return the specification
     * @throws IllegalArgumentException if a value is missing or out of bounds
     */
    public static ResNetSpec of(Map<String, ?> arguments) {
        return SpecArguments.read(arguments);
    }

    /**
     * Returns this specification as arguments of a DJL model, for {@code Criteria.optArguments}:
     * they hold all that {@link #of} reads, and the name of the block factory.
     *
     * @return the arguments
     */
    public Map<String, Object> toArguments() {
        return SpecArguments.write(this);
    }

    /**
     * Returns the name.
     *
     * @return the name with the rank, such as {@code tr_resnet20_r10}
     */
    public String name() {
        return family.artifactId() + layers + (rank == 0 ? "" : "_r" + rank);
    }

    /**
     * Returns the same model at another rank.
     *
     * @param rank the rank of every edge
     * @return a new specification
     */
    public ResNetSpec withRank(int rank) {
        return new ResNetSpec(family, layers, rank, outSize, image, seed, planner);
    }

    /**
     * Returns the same model for another number of classes.
     *
     * @param outSize the number of classes
     * @return a new specification
     */
    public ResNetSpec withOutSize(int outSize) {
        return new ResNetSpec(family, layers, rank, outSize, image, seed, planner);
    }

    /**
     * Returns the same model for other images.
     *
     * @param image (channels, height, width)
     * @return a new specification
     */
    public ResNetSpec withImage(Shape image) {
        return new ResNetSpec(family, layers, rank, outSize, image, seed, planner);
    }

    /**
     * Returns the same model with other parameters.
     *
     * @param seed the seed
     * @return a new specification
     */
    public ResNetSpec withSeed(long seed) {
        return new ResNetSpec(family, layers, rank, outSize, image, seed, planner);
    }

    /**
     * Returns the same model, evaluated by other plans.
     *
     * @param planner what evaluations are planned by
     * @return a new specification
     */
    public ResNetSpec withPlannerOptions(PlannerOptions planner) {
        return new ResNetSpec(family, layers, rank, outSize, image, seed, planner);
    }

    /**
     * Returns the shape of a batch of one image.
     *
     * @return (1, channels, height, width)
     */
    public Shape inputShape() {
        return new Shape(1).addAll(image);
    }

    /**
     * Builds the network. All its layers are tensorial, unless the family is dense.
     *
     * @return an uninitialised block
     */
    public TensorialResNet newBlock() {
        return newBuilder().build();
    }

    /**
     * Returns the builder of {@link #newBlock}, for options that a specification does not hold. A
     * network whose layers are other ones does not load what the zoo has saved.
     *
     * @return a new builder, its number of outputs and its formats set
     */
    public TensorialResNet.Builder newBuilder() {
        TensorialResNet.Builder builder =
                CIFAR_LAYERS.contains(layers)
                        ? TensorialResNet.cifar(layers)
                        : TensorialResNet.imageNet(layers);
        builder.setOutSize(outSize).optPlannerOptions(planner);
        if (family != ResNetFamily.DENSE) {
            builder.optFormat(family.bodyFormat(rank))
                    .optStemFormat(family.stemFormat(rank))
                    .optHeadFormat(family.headFormat(rank));
        }
        return builder;
    }

    /** An upper bound: every convolution counted as the largest. */
    private static long mostParameters(
            ResNetFamily family, int layers, int rank, int outSize, long channels) {
        boolean small = CIFAR_LAYERS.contains(layers);
        long widest = small ? 64 : 512;
        long last = layers == 50 ? 4 * widest : widest;
        Shape window = small ? new Shape(3, 3) : new Shape(7, 7);
        KernelSpec stem = KernelSpec.of(channels, small ? 16 : 64, window);
        KernelSpec inner = KernelSpec.of(widest, widest, new Shape(3, 3));
        KernelSpec outer = KernelSpec.of(last, last / 4, new Shape(1, 1));
        KernelSpec head = KernelSpec.linear(last, outSize);
        long each =
                Math.max(
                        family.bodyFormat(rank).network(inner).parameterCount(),
                        family.bodyFormat(rank).network(outer).parameterCount());
        return family.stemFormat(rank).network(stem).parameterCount()
                + each * layers
                + family.headFormat(rank).network(head).parameterCount();
    }

    private static void between(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    what + " is from " + least + " to " + most + ", got " + value);
        }
    }
}
