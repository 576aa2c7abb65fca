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
 * An operation on arrays with one result: how it is computed, how TorchScript says it, and how ONNX
 * does. Immutable; equal operations do the same.
 */
public interface Operation {

    /**
     * Computes it.
     *
     * @param inputs the arguments
     * @param batch the batch size
     * @return the result, in whatever manager
     */
    NDArray evaluate(List<NDArray> inputs, long batch);

    /**
     * Writes it as an expression of TorchScript.
     *
     * @param text says sizes and numbers
     * @param inputs the names of the arguments
     * @return the expression
     */
    String torch(TorchText text, List<String> inputs);

    /**
     * Writes it as operators of ONNX.
     *
     * @param onnx takes the operators
     * @param inputs the names of the arguments
     * @param node the node, for the shapes and types of its arguments and result
     * @return the name of the result
     */
    String onnx(OnnxOperators onnx, List<String> inputs, Node node);

    /**
     * Returns the operation of which this and another are the cases at two batch sizes.
     *
     * @param other what was recorded at the second batch size
     * @param batches the batch sizes
     * @return the operation
     * @throws UntraceableException if there is none
     */
    default Operation unify(Operation other, Batches batches) {
        if (equals(other)) {
            return this;
        }
        throw new UntraceableException(
                "what is computed depends on the batch size: "
                        + this
                        + " for a batch of "
                        + batches.first()
                        + ", "
                        + other
                        + " for one of "
                        + batches.second());
    }

    /**
     * Returns the expression that puts the result into the first argument's memory, if there is
     * one.
     *
     * @param text says sizes and numbers
     * @param inputs the names of the arguments
     * @return the expression, or null
     */
    default String torchInPlace(TorchText text, List<String> inputs) {
        return null;
    }

    /**
     * Returns whether the result may share the memory of the first argument.
     *
     * @return true for a view
     */
    default boolean isView() {
        return false;
    }
}
