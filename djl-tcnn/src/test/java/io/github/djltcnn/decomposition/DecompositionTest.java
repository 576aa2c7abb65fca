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
                    e.getMessage(), "Cores are float32 or float64, asked for " + DataType.INT32);
            Assert.assertEquals(manager.getManagedArrays().size(), 0);
            found.toNDArrays(manager, DataType.FLOAT32);
            Assert.assertEquals(manager.getManagedArrays().size(), 3);
        }
    }
}
