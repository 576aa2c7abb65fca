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
package io.github.djltcnn.export.internal.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Copies of arrays that share memory with nothing, on either side. */
public final class Copies {

    private Copies() {}

    /**
     * Copies an array. Nothing is attached to the array's own manager, which may be that of a
     * model; and the copy is made by libtorch: {@link NDArray#copyTo} would lend it a buffer of
     * Java, which is gone with the Java object while views of it are still read.
     *
     * @param array the array
     * @param manager the owner of the copy
     * @return the same numbers, contiguous, without gradient
     */
    public static NDArray of(NDArray array, NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray zero = scope.zeros(new Shape(), array.getDataType());
            NDArray sum = zero.add(array);
            NDArray flat = sum.reshape(new Shape(sum.size()));
            NDArray copy = flat.reshape(array.getShape()).stopGradient();
            copy.attach(manager);
            return copy;
        }
    }
}
