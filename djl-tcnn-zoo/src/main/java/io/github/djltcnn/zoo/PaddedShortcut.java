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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * The shortcut without parameters ("option A" of <a href="https://arxiv.org/abs/1512.03385">He et
 * al.</a>): every second row and column of the input, its channels filled up with zeros, half of
 * them on either side.
 *
 * <p>An odd number of rows keeps the last one, as a 3x3 convolution with stride 2 and padding 1
 * does.
 */
final class PaddedShortcut extends AbstractBlock {

    private static final Shape ONE = new Shape(1, 1);
    private static final Shape TWO = new Shape(2, 2);
    private static final Shape NONE = new Shape(0, 0);

    private final long channels;

    /**
     * Creates the shortcut.
     *
     * @param channels the number of output channels, at least those of the input
     */
    PaddedShortcut(long channels) {
        this.channels = channels;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray input = inputs.singletonOrThrow();
        long missing = channels - input.getShape().get(1);
        // The mean over windows of one pixel. A slice would do, but its gradient would not lie in
        // memory as the activations do, which slows down the backward pass of all layers before.
        try (NDArray thinned = input.getNDArrayInternal().avgPool(ONE, TWO, NONE, false, true)) {
            Shape padding = new Shape(0, 0, 0, 0, missing / 2, missing - missing / 2);
            return new NDList(thinned.pad(padding, 0));
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        Shape in = inputShapes[0];
        return new Shape[] {
            new Shape(in.get(0), channels, (in.get(2) + 1) / 2, (in.get(3) + 1) / 2)
        };
    }
}
