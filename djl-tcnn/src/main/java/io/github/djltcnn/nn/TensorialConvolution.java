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
package io.github.djltcnn.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.LayoutType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.github.djltcnn.contraction.Objective;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.network.ConvolutionGeometry;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * A convolution whose kernel is a tensor network: {@code y = x * K + bias}, with {@code K} the
 * contraction of the cores. In everything but its parameters it behaves as DJL's {@link
 * ai.djl.nn.convolutional.Convolution} of the same settings, and its builder has the same names
 * plus {@link ConvolutionBuilder#setFormat}.
 *
 * @see TensorialConv1d
 * @see TensorialConv2d
 * @see TensorialConv3d
 * @since 0.1.0
 */
public abstract class TensorialConvolution extends TensorialBlock {

    private final ConvolutionGeometry geometry;
    private final int filters;
    private final int groups;

    /**
     * Creates a convolution.
     *
     * @param builder the builder that has the settings
     */
    TensorialConvolution(ConvolutionBuilder<?> builder) {
        super(builder.format, builder.name, builder.includeBias, builder.options);
        geometry =
                new ConvolutionGeometry(
                        builder.kernelShape, builder.stride, builder.padding, builder.dilation);
        filters = builder.filters;
        groups = builder.groups;
    }

    /** The layout of the input: NCW, NCHW or NCDHW. */
    private LayoutType[] expectedLayout() {
        return LayoutType.fromValue("NC" + "DHW".substring(3 - geometry.numDimensions()));
    }

    @Override
    KernelSpec kernelSpec(Shape inputShape) {
        checkDimensions(inputShape);
        return new KernelSpec(inputShape.get(1), filters, geometry.kernel(), groups);
    }

    @Override
    long outputChannels() {
        return filters;
    }

    @Override
    NDArray evaluate(NDArray input, UnaryOperator<NDArray> contraction) {
        return contraction.apply(input);
    }

    @Override
    void checkInput(Shape inputShape) {
        checkDimensions(inputShape);
        if (inputShape.get(1) != getNetwork().inputChannels()) {
            throw new IllegalArgumentException(
                    "Layer "
                            + describe()
                            + " takes "
                            + getNetwork().inputChannels()
                            + " input channels, got input "
                            + inputShape);
        }
    }

    private void checkDimensions(Shape inputShape) {
        if (inputShape.dimension() != geometry.numDimensions() + 2) {
            throw new IllegalArgumentException(
                    "Layer "
                            + describe()
                            + " takes an input of layout "
                            + LayoutType.toString(expectedLayout())
                            + ", got shape "
                            + inputShape);
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void beforeInitialize(Shape... inputShapes) {
        super.beforeInitialize(inputShapes);
        checkDimensions(inputShapes[0]);
        Block.validateLayout(expectedLayout(), inputShapes[0].getLayout());
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        LayerChecks.one(this, inputShapes);
        checkDimensions(inputShapes[0]);
        Shape spatial = geometry.outputShape(inputShapes[0].slice(2));
        return new Shape[] {new Shape(inputShapes[0].get(0), filters).addAll(spatial)};
    }

    /** {@inheritDoc} */
    @Override
    public ConvolutionGeometry getGeometry() {
        return geometry;
    }

    /**
     * Returns the shape of the kernel.
     *
     * @return the window, one size per spatial dimension
     */
    public Shape getKernelShape() {
        return geometry.kernel();
    }

    /**
     * Returns the stride of the convolution.
     *
     * @return the stride per spatial dimension
     */
    public Shape getStride() {
        return geometry.stride();
    }

    /**
     * Returns the padding along each dimension.
     *
     * @return the zeros added at both ends, per spatial dimension
     */
    public Shape getPadding() {
        return geometry.padding();
    }

    /**
     * Returns the dilation along each dimension.
     *
     * @return the distance of taps per spatial dimension
     */
    public Shape getDilation() {
        return geometry.dilation();
    }

    /**
     * Returns the number of filters.
     *
     * @return the number of output channels
     */
    public int getFilters() {
        return filters;
    }

    /**
     * Returns the number of groups.
     *
     * @return the number of groups
     */
    public int getGroups() {
        return groups;
    }

    /**
     * A builder of tensorial convolutions; the names are those of DJL's convolutions.
     *
     * @param <T> the kind of builder
     * @since 0.1.0
     */
    public abstract static class ConvolutionBuilder<T extends ConvolutionBuilder<T>> {

        private final int numDimensions;
        private TensorFormat format;
        private Shape kernelShape;
        private Shape stride;
        private Shape padding;
        private Shape dilation;
        private int filters;
        private int groups = 1;
        private boolean includeBias = true;
        private String name;
        private PlannerOptions options = PlannerOptions.standard();

        /** Creates a builder for that many spatial dimensions. */
        ConvolutionBuilder(int numDimensions) {
            this.numDimensions = numDimensions;
            stride = fill(1);
            padding = fill(0);
            dilation = fill(1);
        }

        private Shape fill(long value) {
            long[] sizes = new long[numDimensions];
            Arrays.fill(sizes, value);
            return new Shape(sizes);
        }

        /**
         * Sets the <b>required</b> format of the kernel.
         *
         * @param format the rule that writes the network
         * @return this builder
         */
        public T setFormat(TensorFormat format) {
            this.format = format;
            return self();
        }

        /**
         * Sets the <b>required</b> shape of the kernel.
         *
         * @param kernelShape the window, one size per spatial dimension
         * @return this builder
         */
        public T setKernelShape(Shape kernelShape) {
            this.kernelShape = kernelShape;
            return self();
        }

        /**
         * Sets the <b>required</b> number of filters.
         *
         * @param filters the number of output channels
         * @return this builder
         */
        public T setFilters(int filters) {
            this.filters = filters;
            return self();
        }

        /**
         * Sets the stride. Defaults to 1 in each dimension.
         *
         * @param stride the stride per spatial dimension
         * @return this builder
         */
        public T optStride(Shape stride) {
            this.stride = stride;
            return self();
        }

        /**
         * Sets the padding. Defaults to 0 in each dimension.
         *
         * @param padding the zeros added at both ends, per spatial dimension
         * @return this builder
         */
        public T optPadding(Shape padding) {
            this.padding = padding;
            return self();
        }

        /**
         * Sets the dilation. Defaults to 1 in each dimension.
         *
         * @param dilation the distance of taps per spatial dimension
         * @return this builder
         */
        public T optDilation(Shape dilation) {
            this.dilation = dilation;
            return self();
        }

        /**
         * Sets the number of groups. Defaults to 1.
         *
         * @param groups the number of groups; divides input and output channels
         * @return this builder
         */
        public T optGroups(int groups) {
            this.groups = groups;
            return self();
        }

        /**
         * Sets whether there is a bias. There is by default.
         *
         * @param includeBias whether to add a bias
         * @return this builder
         */
        public T optBias(boolean includeBias) {
            this.includeBias = includeBias;
            return self();
        }

        /**
         * Sets the name of the layer in messages and reports. Defaults to the name of the class.
         *
         * @param name the name
         * @return this builder
         */
        public T optName(String name) {
            this.name = name;
            return self();
        }

        /**
         * Sets what the evaluation is planned by: objective, memory limit, cost model, autotuning.
         * By default the least predicted time.
         *
         * @param options the options
         * @return this builder
         */
        public T optPlannerOptions(PlannerOptions options) {
            this.options = LayerChecks.given(options);
            return self();
        }

        /**
         * Sets what the evaluation makes as small as it can, {@link Objective#TIME} by default.
         *
         * @param objective the objective
         * @return this builder
         */
        public T optObjective(Objective objective) {
            options = options.withObjective(objective);
            return self();
        }

        /**
         * Bounds the bytes that one evaluation holds at once beyond its input and cores, as {@link
         * io.github.djltcnn.contraction.ContractionPlan#heldBytes()} predicts them. An input for
         * which no order is within the limit is refused when it comes.
         *
         * @param bytes the limit, above 0
         * @return this builder
         */
        public T optMemoryLimit(long bytes) {
            options = options.withMemoryLimit(bytes);
            return self();
        }

        /**
         * Sets whether the first prediction for a shape times the best few orders and keeps the
         * fastest; false by default.
         *
         * @param autotune whether to
         * @return this builder
         */
        public T optAutotune(boolean autotune) {
            options = options.withAutotuning(autotune);
            return self();
        }

        /** Checks that what is required is there and what is there fits. */
        final void validate() {
            require(format != null, "setFormat", "such as TensorFormats.tensorRing(Rank.of(10))");
            require(kernelShape != null, "setKernelShape", "the window per spatial dimension");
            if (filters < 1) {
                throw new IllegalArgumentException(
                        "setFilters is required with at least 1 filter, got " + filters);
            }
            if (groups < 1 || filters % groups != 0) {
                throw new IllegalArgumentException(
                        "optGroups("
                                + groups
                                + ") does not divide "
                                + filters
                                + " filters; the number of groups divides input and output"
                                + " channels");
            }
            if (kernelShape.dimension() != numDimensions) {
                throw new IllegalArgumentException(
                        "The kernel has "
                                + numDimensions
                                + " spatial dimensions, got "
                                + kernelShape);
            }
            // The geometry checks stride, padding and dilation against the kernel.
        }

        private static void require(boolean present, String method, String what) {
            if (!present) {
                throw new IllegalArgumentException(method + " is required: " + what);
            }
        }

        /** Returns this builder. */
        abstract T self();
    }
}
