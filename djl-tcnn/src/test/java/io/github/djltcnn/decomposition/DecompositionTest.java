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
package io.github.djltcnn.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.djltcnn.contraction.KernelContraction;
import io.github.djltcnn.network.TensorNetwork;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The result of a decomposition as arrays. */
public class DecompositionTest {

    private static final TensorNetwork NETWORK =
            TensorNetwork.parse("i=6 r1=3, r1 r2=4 h=3 w=2, r2 o=5");

    private static Decomposition found() {
        double[] kernel = Kernels.random(NETWORK.denseParameterCount(), 1);
        return Decomposer.builder().build().decompose(kernel, Kernels.spec(NETWORK), NETWORK);
    }

    @Test
    public void testArraysAreTheCores() {
        Decomposition found = found();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
                NDList arrays = found.toNDArrays(manager, type);
                Assert.assertEquals(arrays.size(), 3);
                for (int n = 0; n < 3; n++) {
                    NDArray array = arrays.get(n);
                    Assert.assertEquals(array.getDataType(), type);
                    Assert.assertEquals(array.getShape(), NETWORK.cores().get(n).shape());
                    Assert.assertSame(array.getManager(), manager);
                    double[] core = found.core(n);
                    double[] values =
                            array.toType(DataType.FLOAT64, true).flatten().toDoubleArray();
                    for (int i = 0; i < core.length; i++) {
                        // Float64 is kept to the bit, float32 is the nearest.
                        double expected = type == DataType.FLOAT64 ? core[i] : (float) core[i];
                        Assert.assertEquals(values[i], expected, 0);
                    }
                }
            }
        }
    }

    /** The arrays go into a layer as they are: its contraction is the decomposition's kernel. */
    @Test
    public void testArraysContractToTheKernel() {
        Decomposition found = found();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList arrays = found.toNDArrays(manager, DataType.FLOAT64);
            NDArray kernel = KernelContraction.contract(NETWORK, 2, arrays, manager);
            Assert.assertTrue(
                    Kernels.distance(kernel.flatten().toDoubleArray(), found.toKernel()) < 1e-12);
        }
    }

    @Test
    public void testNothingElseIsMade() {
        Decomposition found = found();
        try (NDManager manager = NDManager.newBaseManager()) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> found.toNDArrays(manager, DataType.INT32));
            Assert.assertEquals(
                    e.getMessage(), "Cores are float64, float32 or float16, got " + DataType.INT32);
            Assert.assertEquals(manager.getManagedArrays().size(), 0);
            found.toNDArrays(manager, DataType.FLOAT32);
            Assert.assertEquals(manager.getManagedArrays().size(), 3);
        }
    }

    /** Float16: the nearest numbers; what it cannot hold, and bfloat16, is refused. */
    @Test
    public void testFloat16() {
        Decomposition found = found();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList half = found.toNDArrays(manager, DataType.FLOAT16);
            Assert.assertEquals(manager.getManagedArrays().size(), 3);
            for (int n = 0; n < 3; n++) {
                Assert.assertEquals(half.get(n).getDataType(), DataType.FLOAT16);
                float[] values = half.get(n).toType(DataType.FLOAT32, true).toFloatArray();
                double[] core = found.core(n);
                for (int i = 0; i < core.length; i++) {
                    // 11 binary digits.
                    Assert.assertEquals(values[i], core[i], Math.abs(core[i]) * 0x1p-11 + 0x1p-25);
                }
            }
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> found.toNDArrays(manager, DataType.BFLOAT16));
            double[] large = Kernels.random(NETWORK.denseParameterCount(), 1);
            for (int i = 0; i < large.length; i++) {
                large[i] *= 1e200;
            }
            Decomposition huge =
                    Decomposer.builder().build().decompose(large, Kernels.spec(NETWORK), NETWORK);
            for (DataType type : new DataType[] {DataType.FLOAT16, DataType.FLOAT32}) {
                IllegalArgumentException e =
                        Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> huge.toNDArrays(manager, type));
                Assert.assertTrue(e.getMessage().contains("wider data type"), e.getMessage());
            }
            Assert.assertEquals(manager.getManagedArrays().size(), 0);
            Assert.assertEquals(huge.toNDArrays(manager, DataType.FLOAT64).size(), 3);
        }
    }
}
