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

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/** A value of a graph: an operation applied to other values. Compared by identity. */
public final class Node {

    private final Operation operation;
    private final List<Node> inputs;
    private final Sizes sizes;
    private final DataType type;

    /**
     * Creates a value.
     *
     * @param operation the operation
     * @param inputs what it is applied to
     * @param sizes the shape of the result
     * @param type the type of the result
     */
    public Node(Operation operation, List<Node> inputs, Sizes sizes, DataType type) {
        this.operation = operation;
        this.inputs = List.copyOf(inputs);
        this.sizes = sizes;
        this.type = type;
    }

    /** The operation. */
    public Operation operation() {
        return operation;
    }

    /** What it is applied to. */
    public List<Node> inputs() {
        return inputs;
    }

    /** The shape of the result. */
    public Sizes sizes() {
        return sizes;
    }

    /**
     * Returns the shape and type of the result as text, such as {@code (N, 3, 32, 32) float32}.
     *
     * @return the text
     */
    public String shape() {
        return sizes + " " + type;
    }

    /**
     * Returns the shape of the result for a batch of one.
     *
     * @return the shape
     */
    public Shape shapeOfOne() {
        return sizes.at(1);
    }

    /** The type of the result. */
    public DataType type() {
        return type;
    }

    /** The same operation on other arguments. */
    public Node on(List<Node> others) {
        return others.equals(inputs) ? this : new Node(operation, others, sizes, type);
    }

    /** The numbers, if it is a constant; else null. */
    public Constant constant() {
        return operation instanceof Constant constant ? constant : null;
    }

    @Override
    public String toString() {
        return operation + " -> " + sizes;
    }
}
