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
import java.util.List;

/**
 * Numbers that do not depend on the input: a parameter, or what a block made of nothing.
 *
 * @param name a name for files, not unique
 * @param array the numbers, contiguous
 * @param channelsLast whether libtorch wants them to lie with the second axis last: a convolution
 *     whose input lies so copies its weight in every call if that does not
 */
public record Constant(String name, NDArray array, boolean channelsLast) implements Operation {

    /**
     * Creates a constant that lies as its axes stand.
     *
     * @param name a name for files, not unique
     * @param array the numbers
     */
    public Constant(String name, NDArray array) {
        this(name, array, false);
    }

    @Override
    public NDArray evaluate(List<NDArray> inputs, long batch) {
        throw new IllegalStateException("A constant is not computed");
    }

    @Override
    public String torch(TorchText text, List<String> inputs) {
        throw new IllegalStateException("A constant is not computed");
    }

    @Override
    public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
        throw new IllegalStateException("A constant is not computed");
    }

    @Override
    public Operation unify(Operation other, Batches batches) {
        if (other instanceof Constant that
                && array.getShape().equals(that.array.getShape())
                && array.getDataType() == that.array.getDataType()
                && array.toByteBuffer().equals(that.array.toByteBuffer())) {
            return this;
        }
        throw new UntraceableException(
                "numbers that the block makes itself ("
                        + name
                        + ", "
                        + array.getShape()
                        + ") change with the batch size or from call to call");
    }

    @Override
    public String toString() {
        return name;
    }
}
