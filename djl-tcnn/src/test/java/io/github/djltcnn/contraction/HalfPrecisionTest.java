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
package io.github.djltcnn.contraction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.EnumSet;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Every kind of step in float16, forward and backward, next to the same numbers in float64. */
public class HalfPrecisionTest {

    /** Two bytes have eleven bits; some hundred are summed up. */
    private static final double TOLERANCE = 0.03;

    private final Set<Operation> seen = EnumSet.noneOf(Operation.class);

    @DataProvider
    public Object[] networks() {
        return new Object[] {
            "i=6 r1=4, r1 r2=4 h=3 w=3, r2 o=8",
            "i=6 r1=4, h=3 r1, w=3 r1, o=9 r1",
            "r0=3 i1=2 r1=3, r1 i2=3 r2=3, r2 h=3 w=3 r3=3, r3 o=4 r0",
            "g=4 h=3 w=3",
            "g=4, h=3 w=3",
            "g=2 i=4 h=3 w=3 r=3, g r o=2"
        };
    }

    @Test(dataProvider = "networks")
    public void stepsComputeInHalfPrecision(String notation) {
        TensorNetwork network = TensorNetwork.parse(notation);
        Shape input = new Shape(2, network.inputChannels(), 7, 6);
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        new Shape(3, 3), new Shape(1, 1), new Shape(1, 1), new Shape(1, 1));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList half = new NDList();
            network.cores()
                    .forEach(
                            core ->
                                    half.add(
                                            manager.randomNormal(core.shape())
                                                    .mul(0.5f)
                                                    .toType(DataType.FLOAT16, true)));
            NDArray x = manager.randomNormal(input).toType(DataType.FLOAT16, true);
            for (ContractionPlan plan : Plans.of(network, geometry, input)) {
                plan.works().forEach(work -> seen.add(work.operation()));
                NDList expected = run(plan, x, half, DataType.FLOAT64);
                NDList actual = run(plan, x, half, DataType.FLOAT16);
                for (int n = 0; n < expected.size(); n++) {
                    Assert.assertEquals(actual.get(n).getDataType(), DataType.FLOAT16);
                    double scale = expected.get(n).abs().max().getDouble();
                    double error =
                            actual.get(n)
                                    .toType(DataType.FLOAT64, false)
                                    .sub(expected.get(n))
                                    .abs()
                                    .max()
                                    .getDouble();
                    Assert.assertTrue(error <= TOLERANCE * scale, n + ": " + error + " " + plan);
                }
            }
        }
    }

    /** The output, and the gradients of its sum with respect to the input and the cores. */
    private static NDList run(ContractionPlan plan, NDArray x, NDList cores, DataType dataType) {
        NDArray input = MemoryLayouts.lay(x.toType(dataType, true), plan.inputLayout());
        NDList leaves = new NDList(input.stopGradient());
        cores.forEach(core -> leaves.add(core.toType(dataType, true).duplicate()));
        leaves.forEach(leaf -> leaf.setRequiresGradient(true));
        NDList results = new NDList();
        try (GradientCollector collector = x.getManager().getEngine().newGradientCollector()) {
            NDArray y =
                    plan.execute(leaves.get(0), new NDList(leaves.subList(1, leaves.size())), null);
            collector.backward(y);
            results.add(y.stopGradient());
        }
        leaves.forEach(leaf -> results.add(leaf.getGradient().stopGradient()));
        return results;
    }

    /** What stands in the matrix of the README: each kind of step was computed. */
    @AfterClass
    public void kindsOfSteps() {
        Assert.assertTrue(
                seen.containsAll(
                        Set.of(
                                Operation.CONVOLUTION_FIRST,
                                Operation.CONVOLUTION_LAST,
                                Operation.POINTWISE_FIRST,
                                Operation.SCALE,
                                Operation.COPY,
                                Operation.MERGE,
                                Operation.PREPARE)),
                seen.toString());
        // Which layout the products have is the cost model's choice.
        Assert.assertTrue(
                seen.contains(Operation.PRODUCT_FIRST) || seen.contains(Operation.PRODUCT_LAST),
                seen.toString());
    }
}
