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
import java.util.List;

/** Takes the operators of ONNX that the operations of a graph become; values are named by text. */
public interface OnnxOperators {

    /**
     * Adds an operator.
     *
     * @param operator which one, such as {@code Conv}
     * @param inputs the names of its arguments
     * @param attributes its settings
     * @return the name of its result
     */
    String node(String operator, List<String> inputs, OnnxAttribute... attributes);

    /**
     * Adds a list of integers.
     *
     * @param values the integers
     * @return the name of the list
     */
    String integers(long... values);

    /**
     * Adds one number.
     *
     * @param type its type
     * @param value the number
     * @return its name
     * @throws UntraceableException if numbers of this type cannot be written
     */
    String scalar(DataType type, double value);

    /**
     * Brings a value into another type.
     *
     * @param value its name
     * @param from its type
     * @param to the type wanted
     * @return the name of the result, which is the value itself if it has the type
     */
    String cast(String value, DataType from, DataType to);

    /**
     * Adds a shape as a list of integers.
     *
     * @param sizes the shape
     * @return the name of the list
     */
    String sizes(Sizes sizes);

    /**
     * Adds a shape to bring an array into: one size of it may follow from the others.
     *
     * @param sizes the shape
     * @return the name of the list
     */
    String reshapeSizes(Sizes sizes);
}
