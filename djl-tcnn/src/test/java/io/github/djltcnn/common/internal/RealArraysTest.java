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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Numbers there and back. */
public class RealArraysTest {

    @DataProvider
    public Object[][] types() {
        return new Object[][] {{DataType.FLOAT16}, {DataType.FLOAT32}, {DataType.FLOAT64}};
    }

    @Test(dataProvider = "types")
    public void numbersComeBackAndNothingIsLeft(DataType type) {
        double[] values = {1.5, -0.25, 1024, 0, -2, 0.5};
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = RealArrays.create(manager, values, new Shape(2, 3), type);
            Assert.assertEquals(array.getDataType(), type);
            Assert.assertEquals(array.getShape(), new Shape(2, 3));
            Assert.assertEquals(RealArrays.toDouble(array), values);
            Assert.assertEquals(manager.getManagedArrays().size(), 1);
        }
    }

    /** An array of Java's memory must hold on to it: the collector frees what nothing refers to. */
    @Test(dataProvider = "types")
    public void theMemoryOfAnArrayIsItsOwn(DataType type) {
        double[] values = new double[4096];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 1000 - 500;
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            List<NDArray> arrays = new ArrayList<>();
            for (int n = 0; n < 30; n++) {
                arrays.add(RealArrays.create(manager, values, new Shape(values.length), type));
            }
            for (int round = 0; round < 3; round++) {
                System.gc();
                List<ByteBuffer> others = new ArrayList<>();
                for (int n = 0; n < 100; n++) {
                    ByteBuffer other = ByteBuffer.allocateDirect(8 * values.length);
                    while (other.hasRemaining()) {
                        other.put((byte) 0x55);
                    }
                    others.add(other);
                }
                Assert.assertEquals(others.size(), 100);
                for (NDArray array : arrays) {
                    Assert.assertEquals(RealArrays.toDouble(array), values);
                }
            }
        }
    }

    @Test
    public void otherTypesAreRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(new int[] {1, 2});
            Assert.assertThrows(IllegalArgumentException.class, () -> RealArrays.toDouble(array));
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            RealArrays.create(
                                    manager, new double[2], new Shape(2), DataType.BFLOAT16));
            Assert.assertEquals(manager.getManagedArrays().size(), 1);
        }
    }
}
