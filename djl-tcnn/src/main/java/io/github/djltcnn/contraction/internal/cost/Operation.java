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

/** The kinds of steps that differ in speed; a {@link CostModel} has coefficients for each. */
public enum Operation {
    /** Convolution without groups, channels first. */
    CONVOLUTION_FIRST("k x k convolution, channels first"),
    /** Convolution without groups, channels last. */
    CONVOLUTION_LAST("k x k convolution, channels last"),
    /** Convolution, channels last, with free modes as one more spatial axis. */
    CONVOLUTION_LAST_EXTRA("k x k convolution, channels last, ranks as an axis"),
    /** 1x1 convolution without groups, channels first. */
    POINTWISE_FIRST("1 x 1 convolution, channels first"),
    /** 1x1 convolution without groups, channels last. */
    POINTWISE_LAST("1 x 1 convolution, channels last"),
    /** A matrix product per image (and free mode) in place of a 1x1 convolution, channels first. */
    PRODUCT_FIRST("matrix products, channels first"),
    /** One matrix product in place of a 1x1 convolution, channels last. */
    PRODUCT_LAST("matrix product, channels last"),
    /** Grouped convolution, channels first. */
    GROUPED_FIRST("grouped convolution, channels first"),
    /** Grouped convolution, channels last. */
    GROUPED_LAST("grouped convolution, channels last"),
    /** Grouped convolution, channels last, with free modes as one more spatial axis. */
    GROUPED_LAST_EXTRA("grouped convolution, channels last, ranks as an axis"),
    /** One input and output channel per group, channels first. */
    DEPTHWISE_FIRST("depthwise convolution, channels first"),
    /** One input and output channel per group, channels last. */
    DEPTHWISE_LAST("depthwise convolution, channels last"),
    /** Depthwise, channels last, with free modes as one more spatial axis. */
    DEPTHWISE_LAST_EXTRA("depthwise convolution, channels last, ranks as an axis"),
    /** One factor per channel, or one for all. */
    SCALE("scale channels"),
    /** A copy of an activation into another order of axes. */
    COPY("copy to another order"),
    /** The contraction of two tensors made of cores. */
    MERGE("merge cores"),
    /** A tensor made of cores brought into the shape of a call. */
    PREPARE("arrange weight");

    private final String words;

    Operation(String words) {
        this.words = words;
    }

    /** The layout in which the channels of the step lie; null for what has none. */
    public Layout layout() {
        return switch (this) {
            case CONVOLUTION_FIRST,
                    POINTWISE_FIRST,
                    PRODUCT_FIRST,
                    GROUPED_FIRST,
                    DEPTHWISE_FIRST ->
                    Layout.CHANNELS_FIRST;
            case SCALE, COPY, MERGE, PREPARE -> null;
            default -> Layout.CHANNELS_LAST;
        };
    }

    /** Whether free modes are one more spatial axis of the step. */
    public boolean hasExtraAxis() {
        return this == CONVOLUTION_LAST_EXTRA
                || this == GROUPED_LAST_EXTRA
                || this == DEPTHWISE_LAST_EXTRA;
    }

    @Override
    public String toString() {
        return words;
    }
}
