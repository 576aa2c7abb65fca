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
package io.github.djltcnn.initializer;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The norm of a kernel from its cores, for chains of any length. */
public class KernelNormTest {

    /** Lengths of chains; with 33 ranks and more there are not enough labels for two copies. */
    @DataProvider
    public Object[][] lengths() {
        return new Object[][] {{1}, {2}, {20}, {31}, {32}, {40}, {55}};
    }

    /** The product of matrices: i x r0, then r x r as often as is asked for, then r x o. */
    @Test(dataProvider = "lengths")
    public void testChainOfMatrices(int length) {
        Random random = new Random(length);
        StringBuilder notation = new StringBuilder("i=3 r0=2");
        double[] first = random.doubles(6, -1, 1).toArray();
        double[][] product = {{first[0], first[1]}, {first[2], first[3]}, {first[4], first[5]}};
        List<double[]> cores = new ArrayList<>(List.of(first));
        for (int n = 0; n < length; n++) {
            notation.append(", r").append(n).append(" r").append(n + 1).append("=2");
            double[] core = random.doubles(4, -1, 1).toArray();
            cores.add(core);
            for (double[] row : product) {
                double left = row[0];
                row[0] = left * core[0] + row[1] * core[2];
                row[1] = left * core[1] + row[1] * core[3];
            }
        }
        notation.append(", r").append(length).append(" o=4");
        double[] last = random.doubles(8, -1, 1).toArray();
        cores.add(last);
        double expected = 0;
        for (double[] row : product) {
            for (int o = 0; o < 4; o++) {
                double entry = row[0] * last[o] + row[1] * last[4 + o];
                expected += entry * entry;
            }
        }
        double found = KernelNorm.squared(TensorNetwork.parse(notation.toString()), cores);
        Assert.assertEquals(found, expected, 1e-10 * expected);
    }

    /** Modes of size 1 count for nothing, and ranks of a single core are summed over. */
    @Test
    public void testModesOfOneAndDanglingRanks() {
        TensorNetwork network = TensorNetwork.parse("i=2 h=1 r0=3 r1=1, r1 o=2 w=1");
        List<double[]> cores = List.of(new double[] {1, 2, 3, 4, 5, 6}, new double[] {2, 1});
        Assert.assertEquals(KernelNorm.squared(network, cores), (36 + 225) * 5.0, 1e-9);
    }

    @Test
    public void testACoreThatNoArrayHolds() {
        try (NDManager manager = NDManager.newBaseManager()) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () ->
                                    TensorialInitializer.fanIn()
                                            .initialize(
                                                    manager,
                                                    new Shape(50_000, 50_000),
                                                    DataType.FLOAT32));
            Assert.assertTrue(e.getMessage().contains("2500000000 entries"), e.getMessage());
        }
    }
}
