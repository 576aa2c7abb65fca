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
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.Objective;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.network.ConvolutionGeometry;
import java.util.function.UnaryOperator;

/**
 * A linear layer whose weight matrix is a tensor network; stands where DJL's {@link
 * ai.djl.nn.core.Linear} stands.
 *
 * <ul>
 *   <li>input: {@code (x1, .., xn, input features)}
 *   <li>weight: {@code (units, input features)}, the contraction of the cores
 *   <li>output: {@code (x1, .., xn, units)}
 * </ul>
 *
 * @since 0.1.0
 */
public class TensorialLinear extends TensorialBlock {

    private static final ConvolutionGeometry NO_WINDOW = ConvolutionGeometry.of(new Shape());

    private final long units;

    TensorialLinear(Builder builder) {
        super(builder.format, builder.name, builder.includeBias, builder.options);
        units = builder.units;
    }

    @Override
    KernelSpec kernelSpec(Shape inputShape) {
        checkDimensions(inputShape);
        return KernelSpec.linear(inputShape.get(inputShape.dimension() - 1), units);
    }

    @Override
    long outputChannels() {
        return units;
    }

    @Override
    Shape planShape(Shape inputShape) {
        long features = inputShape.get(inputShape.dimension() - 1);
        return new Shape(inputShape.size() / features, features);
    }

    @Override
    NDArray evaluate(NDArray input, UnaryOperator<NDArray> contraction) {
        Shape shape = input.getShape();
        Shape flat = planShape(shape);
        if (flat.equals(shape)) {
            return contraction.apply(input);
        }
        try (NDArray rows = input.reshape(flat);
                NDArray result = contraction.apply(rows)) {
            return result.reshape(shape.slice(0, shape.dimension() - 1).add(units));
        }
    }

    @Override
    void checkInput(Shape inputShape) {
        checkDimensions(inputShape);
        long features = inputShape.get(inputShape.dimension() - 1);
        if (features != getNetwork().inputChannels()) {
            throw new IllegalArgumentException(
                    "Layer "
                            + describe()
                            + " takes "
                            + getNetwork().inputChannels()
                            + " input features, got input "
                            + inputShape);
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void beforeInitialize(Shape... inputShapes) {
        super.beforeInitialize(inputShapes);
        checkDimensions(inputShapes[0]);
    }

    private void checkDimensions(Shape inputShape) {
        if (inputShape.dimension() < 1) {
            throw new IllegalArgumentException(
                    "Layer "
                            + describe()
                            + " takes an input of at least one dimension, (.., features), got "
                            + inputShape);
        }
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        LayerChecks.one(this, inputShapes);
        Shape input = inputShapes[0];
        checkDimensions(input);
        return new Shape[] {input.slice(0, input.dimension() - 1).add(units)};
    }

    /** {@inheritDoc} */
    @Override
    public ConvolutionGeometry getGeometry() {
        return NO_WINDOW;
    }

    /**
     * Returns the number of output features.
     *
     * @return the units
     */
    public long getUnits() {
        return units;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Builds a {@link TensorialLinear}.
     *
     * @since 0.1.0
     */
    public static final class Builder {

        private TensorFormat format;
        private long units;
        private boolean includeBias = true;
        private String name;
        private PlannerOptions options = PlannerOptions.standard();

        Builder() {}

        /**
         * Sets the <b>required</b> format of the weight.
         *
         * @param format the rule that writes the network
         * @return this builder
         */
        public Builder setFormat(TensorFormat format) {
            this.format = format;
            return this;
        }

        /**
         * Sets the <b>required</b> number of output features.
         *
         * @param units the output features
         * @return this builder
         */
        public Builder setUnits(long units) {
            this.units = units;
            return this;
        }

        /**
         * Sets whether there is a bias. There is by default.
         *
         * @param includeBias whether to add a bias
         * @return this builder
         */
        public Builder optBias(boolean includeBias) {
            this.includeBias = includeBias;
            return this;
        }

        /**
         * Sets the name of the layer in messages and reports. Defaults to the name of the class.
         *
         * @param name the name
         * @return this builder
         */
        public Builder optName(String name) {
            this.name = name;
            return this;
        }

        /**
         * Sets what the evaluation is planned by: objective, memory limit, cost model, autotuning.
         * By default the least predicted time.
         *
         * @param options the options
         * @return this builder
         */
        public Builder optPlannerOptions(PlannerOptions options) {
            this.options = LayerChecks.given(options);
            return this;
        }

        /**
         * Sets what the evaluation makes as small as it can, {@link Objective#TIME} by default.
         *
         * @param objective the objective
         * @return this builder
         */
        public Builder optObjective(Objective objective) {
            options = options.withObjective(objective);
            return this;
        }

        /**
         * Bounds the bytes that one evaluation holds at once beyond its input and cores, as {@link
         * io.github.djltcnn.contraction.ContractionPlan#heldBytes()} predicts them. An input for
         * which no order is within the limit is refused when it comes.
         *
         * @param bytes the limit, above 0
         * @return this builder
         */
        public Builder optMemoryLimit(long bytes) {
            options = options.withMemoryLimit(bytes);
            return this;
        }

        /**
         * Sets whether the first prediction for a shape times the best few orders and keeps the
         * fastest; false by default.
         *
         * @param autotune whether to
         * @return this builder
         */
        public Builder optAutotune(boolean autotune) {
            options = options.withAutotuning(autotune);
            return this;
        }

        /**
         * Builds the block.
         *
         * @return the block
         * @throws IllegalArgumentException if something required is missing
         */
        public TensorialLinear build() {
            if (format == null) {
                throw new IllegalArgumentException(
                        "setFormat is required: such as TensorFormats.tensorRing(Rank.of(10))");
            }
            if (units < 1) {
                throw new IllegalArgumentException(
                        "setUnits is required with at least 1 unit, got " + units);
            }
            return new TensorialLinear(this);
        }
    }
}
