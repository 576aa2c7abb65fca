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

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A shape whose sizes may be multiples of the batch size.
 *
 * @param list the sizes, one for each axis
 */
public record Sizes(List<Size> list) {

    /**
     * Creates a shape.
     *
     * @param list the sizes
     */
    public Sizes {
        list = List.copyOf(list);
    }

    /** A shape of plain numbers. */
    public static Sizes of(Shape shape) {
        return new Sizes(
                Arrays.stream(shape.getShape()).mapToObj(size -> new Size(size, false)).toList());
    }

    /** The shape of which these two are the cases at two batch sizes. */
    public static Sizes unify(Sizes a, Sizes b, Batches batches) {
        if (a.list.size() != b.list.size()) {
            throw new UntraceableException(
                    "the number of axes depends on the batch size: " + a + " and " + b);
        }
        List<Size> list = new ArrayList<>();
        for (int axis = 0; axis < a.list.size(); axis++) {
            list.add(Size.unify(a.get(axis).number(), b.get(axis).number(), batches));
        }
        return new Sizes(list);
    }

    /** The size of an axis. */
    public Size get(int axis) {
        return list.get(axis);
    }

    /**
     * Returns the number of axes.
     *
     * @return their number
     */
    public int dimension() {
        return list.size();
    }

    /**
     * Returns the shape for a batch.
     *
     * @param batch the batch size
     * @return the shape
     */
    public Shape at(long batch) {
        return new Shape(list.stream().mapToLong(size -> size.at(batch)).toArray());
    }

    /** Whether a size depends on the batch size. */
    public boolean isPerBatch() {
        return list.stream().anyMatch(Size::perBatch);
    }

    /** The numbers of a shape that does not depend on the batch size. */
    public long[] numbers() {
        return list.stream().mapToLong(Size::number).toArray();
    }

    @Override
    public String toString() {
        return list.stream().map(Size::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
