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
package io.github.djltcnn.contraction.internal.cost;

import io.github.djltcnn.contraction.CostModel;
import io.github.djltcnn.network.Layout;

/**
 * The kinds of steps that differ in speed: the rows of the cost model. A {@link CostModel} has
 * coefficients for each, and files of coefficients name them.
 */
public enum Operation {
    /** Convolution without groups, channels first. */
    CONVOLUTION_FIRST(
            "k x k convolution, channels first", Layout.CHANNELS_FIRST, Vectors.BOTH_IF_WIDE),
    /** Convolution without groups, channels last. */
    CONVOLUTION_LAST("k x k convolution, channels last", Layout.CHANNELS_LAST, Vectors.OUT),
    /** Convolution, channels last, with free modes as one more spatial axis. */
    CONVOLUTION_LAST_EXTRA(
            "k x k convolution, channels last, ranks as an axis",
            Layout.CHANNELS_LAST,
            Vectors.OUT),
    /** 1x1 convolution without groups, channels first. */
    POINTWISE_FIRST("1 x 1 convolution, channels first", Layout.CHANNELS_FIRST, Vectors.NONE),
    /** 1x1 convolution without groups, channels last. */
    POINTWISE_LAST("1 x 1 convolution, channels last", Layout.CHANNELS_LAST, Vectors.NONE),
    /** A matrix product per image (and free mode) in place of a 1x1 convolution, channels first. */
    PRODUCT_FIRST("matrix products, channels first", Layout.CHANNELS_FIRST, Vectors.NONE),
    /** One matrix product in place of a 1x1 convolution, channels last. */
    PRODUCT_LAST("matrix product, channels last", Layout.CHANNELS_LAST, Vectors.NONE),
    /** Grouped convolution, channels first. */
    GROUPED_FIRST("grouped convolution, channels first", Layout.CHANNELS_FIRST, Vectors.BOTH),
    /** Grouped convolution, channels last. */
    GROUPED_LAST("grouped convolution, channels last", Layout.CHANNELS_LAST, Vectors.OUT),
    /** Grouped convolution, channels last, with free modes as one more spatial axis. */
    GROUPED_LAST_EXTRA(
            "grouped convolution, channels last, ranks as an axis",
            Layout.CHANNELS_LAST,
            Vectors.OUT),
    /** One input and output channel per group, channels first. */
    DEPTHWISE_FIRST("depthwise convolution, channels first", Layout.CHANNELS_FIRST, Vectors.NONE),
    /** One input and output channel per group, channels last. */
    DEPTHWISE_LAST("depthwise convolution, channels last", Layout.CHANNELS_LAST, Vectors.NONE),
    /** Depthwise, channels last, with free modes as one more spatial axis. */
    DEPTHWISE_LAST_EXTRA(
            "depthwise convolution, channels last, ranks as an axis",
            Layout.CHANNELS_LAST,
            Vectors.NONE),
    /** One factor per channel, or one for all. */
    SCALE("scale channels", null, Vectors.NONE),
    /** A copy of an activation into another order of axes. */
    COPY("copy to another order", null, Vectors.NONE),
    /** The contraction of two tensors made of cores. */
    MERGE("merge cores", null, Vectors.NONE),
    /** A tensor made of cores brought into the shape of a call. */
    PREPARE("arrange weight", null, Vectors.NONE);

    /** Which channels libtorch fills up to whole vectors. */
    private enum Vectors {
        NONE,
        OUT,
        BOTH,
        /** Those in only where they are more than a vector. */
        BOTH_IF_WIDE
    }

    private static final double VECTOR = 16;

    private final String words;
    private final Layout layout;
    private final Vectors vectors;

    Operation(String words, Layout layout, Vectors vectors) {
        this.words = words;
        this.layout = layout;
        this.vectors = vectors;
    }

    /** The layout in which the channels of the step lie; null for what has none. */
    public Layout layout() {
        return layout;
    }

    /** Whether free modes are one more spatial axis of the step. */
    public boolean hasExtraAxis() {
        return this == CONVOLUTION_LAST_EXTRA
                || this == GROUPED_LAST_EXTRA
                || this == DEPTHWISE_LAST_EXTRA;
    }

    /** The multiply-adds of one position and tap, channels filled up to whole vectors. */
    public double filled(double in, double out) {
        return switch (vectors) {
            case NONE -> in * out;
            case OUT -> in * whole(out);
            case BOTH -> whole(in) * whole(out);
            case BOTH_IF_WIDE -> (in > VECTOR ? whole(in) : in) * whole(out);
        };
    }

    private static double whole(double channels) {
        return Math.ceil(channels / VECTOR) * VECTOR;
    }

    @Override
    public String toString() {
        return words;
    }
}
