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
package io.github.djltcnn.common.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Between float64 numbers on the heap and arrays of the types that layers have. */
public final class RealArrays {

    /** The largest number of float16. */
    private static final double LARGEST_FLOAT16 = 65504;

    /** Numbers from here on are rounded to infinity in float16. */
    private static final double FLOAT16_INFINITE = 65520;

    private RealArrays() {}

    /**
     * Tells whether arrays of a type can be read and made here.
     *
     * @param dataType a data type
     * @return true for float16, float32 and float64
     */
    public static boolean isSupported(DataType dataType) {
        return dataType == DataType.FLOAT16
                || dataType == DataType.FLOAT32
                || dataType == DataType.FLOAT64;
    }

    /**
     * Widens numbers.
     *
     * @param values float32 numbers
     * @return the same in float64
     */
    public static double[] toDouble(float... values) {
        double[] result = new double[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /**
     * Copies the numbers of an array. Nothing is left at its manager.
     *
     * @param array a float16, float32 or float64 array
     * @return the numbers, row-major
     * @throws IllegalArgumentException for another data type
     */
    public static double[] toDouble(NDArray array) {
        if (!isSupported(array.getDataType())) {
            throw new IllegalArgumentException(
                    "Numbers are read as float16, float32 or float64, got "
                            + array.getDataType()
                            + "; convert the array with toType(DataType.FLOAT32, false)");
        }
        return array.getDataType() == DataType.FLOAT64
                ? array.toDoubleArray()
                : toDouble(array.toFloatArray());
    }

    /**
     * Creates an array, each number rounded to the nearest one of its type.
     *
     * @param manager takes the array
     * @param values finite numbers, row-major
     * @param shape the shape
     * @param dataType float64, float32 or float16
     * @return the array
     * @throws IllegalArgumentException for another data type, or if a number is too large for it
     */
    public static NDArray create(
            NDManager manager, double[] values, Shape shape, DataType dataType) {
        if (dataType == DataType.FLOAT64) {
            return manager.create(values, shape);
        }
        if (dataType == DataType.FLOAT32) {
            return manager.create(toFloat(values, dataType, Float.MAX_VALUE), shape);
        }
        if (dataType == DataType.FLOAT16) {
            try (NDArray single =
                    manager.create(toFloat(values, dataType, LARGEST_FLOAT16), shape)) {
                return single.toType(DataType.FLOAT16, true);
            }
        }
        throw new IllegalArgumentException(
                "Cores are float64, float32 or float16, got " + dataType);
    }

    private static float[] toFloat(double[] values, DataType dataType, double largest) {
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) values[i];
            boolean infinite =
                    Float.isInfinite(result[i])
                            || (dataType == DataType.FLOAT16
                                    && Math.abs(result[i]) >= FLOAT16_INFINITE);
            if (infinite) {
                throw new IllegalArgumentException(
                        "The largest number of "
                                + dataType
                                + " is "
                                + largest
                                + ", entry "
                                + i
                                + " is "
                                + values[i]
                                + "; use a wider data type or scale the kernel");
            }
        }
        return result;
    }
}
