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

/**
 * A 1-dimensional convolution whose kernel is a tensor network; stands where DJL's {@link
 * ai.djl.nn.convolutional.Conv1d} stands.
 *
 * <ul>
 *   <li>input: {@code (batch, input channels, width)}
 *   <li>kernel: {@code (filters, input channels / groups, width)}, the contraction of the cores
 *   <li>output: {@code (batch, filters, output width)}
 * </ul>
 *
 * <pre>{@code
 * Block conv =
 *         TensorialConv1d.builder()
 *                 .setFormat(TensorFormats.tensorRing(Rank.of(10)))
 *                 .setKernelShape(new Shape(3))
 *                 .setFilters(64)
 *                 .build();
 * }</pre>
 *
 * @since 0.1.0
 */
public class TensorialConv1d extends TensorialConvolution {

    TensorialConv1d(Builder builder) {
        super(builder);
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
     * Builds a {@link TensorialConv1d}.
     *
     * @since 0.1.0
     */
    public static final class Builder extends ConvolutionBuilder<Builder> {

        Builder() {
            super(1);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the block.
         *
         * @return the block
         * @throws IllegalArgumentException if something required is missing or does not fit
         */
        public TensorialConv1d build() {
            validate();
            return new TensorialConv1d(this);
        }
    }
}
