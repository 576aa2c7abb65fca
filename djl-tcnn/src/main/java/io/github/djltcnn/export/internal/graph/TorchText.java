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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says numbers and sizes in TorchScript. */
public final class TorchText {

    /** The variable that holds the batch size. */
    public static final String BATCH = "n";

    private boolean usesBatch;

    /** Whether a size depended on the batch. */
    public boolean usesBatch() {
        return usesBatch;
    }

    /**
     * A call of a function.
     *
     * @param function its name
     * @param arguments names of variables and other texts as they are; numbers, truths, shapes and
     *     sizes in TorchScript's words; lists in brackets
     * @return the text
     */
    public String call(String function, Object... arguments) {
        return Stream.of(arguments)
                .map(this::argument)
                .collect(Collectors.joining(", ", "torch." + function + "(", ")"));
    }

    private String argument(Object value) {
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof Boolean truth) {
            return bool(truth);
        }
        if (value instanceof Shape shape) {
            return list(shape);
        }
        return value instanceof Sizes sizes ? list(sizes) : value.toString();
    }

    /** True or false. */
    public String bool(boolean value) {
        return value ? "True" : "False";
    }

    /** A number. */
    public String number(Number number) {
        if (number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte) {
            return number.toString();
        }
        double value = number.doubleValue();
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        return Double.toString(value).replace('E', 'e');
    }

    /** A list of integers. */
    public String list(Shape shape) {
        return list(Sizes.of(shape));
    }

    /** A list of sizes, which may depend on the batch. */
    public String list(Sizes sizes) {
        return sizes.list().stream().map(this::size).collect(Collectors.joining(", ", "[", "]"));
    }

    private String size(Size size) {
        if (!size.perBatch()) {
            return String.valueOf(size.number());
        }
        usesBatch = true;
        return size.number() == 1 ? BATCH : "torch.mul(" + BATCH + ", " + size.number() + ")";
    }
}
