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
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.network.Core;

/** Gives out one core of a {@link LayerDraw}. */
final class CoreInitializer implements Initializer {

    private final LayerDraw layer;
    private final int index;

    CoreInitializer(LayerDraw layer, int index) {
        this.layer = layer;
        this.index = index;
    }

    /** {@inheritDoc} */
    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
        Core core = layer.core(index);
        if (!shape.equals(core.shape())) {
            throw new IllegalArgumentException(
                    "This initializer was bound to core "
                            + (index + 1)
                            + " \""
                            + core
                            + "\" of shape "
                            + core.shape()
                            + ", asked for shape "
                            + shape);
        }
        return RealArrays.create(manager, layer.take(index, manager), shape, dataType);
    }
}
