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
package io.github.djltcnn.benchmarks;

import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.contraction.KernelContraction;
import io.github.djltcnn.contraction.Objective;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The exhaustive count of multiply-adds, against counts by hand and against the planner. */
public class PairwiseOrdersTest {

    /** Every cell of the layer benchmark. */
    @DataProvider
    public Object[][] cells() {
        return Cell.grid().stream().map(cell -> new Object[] {cell}).toArray(Object[][]::new);
    }

    /** Two programs written apart from one another find the same numbers. */
    @Test(dataProvider = "cells")
    public void thePlannerFindsAsFewMultiplyAdds(Cell cell) {
        TensorNetwork network = cell.network();
        PairwiseOrders orders = new PairwiseOrders(network);
        Assert.assertEquals(
                orders.kernelMacs(), KernelContraction.of(network, 2).macs(), cell.key());
        Assert.assertEquals(
                orders.kernelProducts().stream().mapToDouble(PairwiseOrders.Product::macs).sum(),
                orders.kernelMacs(),
                cell.key());
        ContractionPlan fewest =
                ContractionPlanner.create(
                                network,
                                Cell.GEOMETRY,
                                PlannerOptions.standard().withObjective(Objective.MACS))
                        .plan(cell.inputShape(), true);
        Assert.assertEquals(orders.macs(cell.positions()), (double) fewest.macs(), cell.key());
    }

    /** A plan that contracts the kernel does so in as few multiply-adds as there are. */
    @Test(dataProvider = "cells")
    public void kernelFirstTakesTheFewestForTheKernel(Cell cell) {
        TensorNetwork network = cell.network();
        for (Layout layout : Layout.values()) {
            ContractionPlan plan =
                    ContractionPlanner.create(network, Cell.GEOMETRY)
                            .plan(cell.inputShape(), true, layout);
            if (plan.contractionPath().size() == 1) {
                Assert.assertEquals(
                        (double) plan.macs(),
                        new PairwiseOrders(network).kernelMacs() + cell.denseMacs(),
                        cell.key());
            }
        }
    }

    @Test
    public void byHand() {
        // 1x1 to 2 channels, 3x3 from 2 to 3, 1x1 to 5, at 100 positions.
        PairwiseOrders tucker =
                new PairwiseOrders(TensorNetwork.parse("i=4 r1=2, r1 r2=3 h=3 w=3, r2 o=5"));
        Assert.assertEquals(tucker.macs(100), 100.0 * (4 * 2 + 2 * 9 * 3 + 3 * 5));
        // With the output side first 270 to 2 x 9 x 5 numbers, then 90 x 4; with the input side
        // first 216 to 4 x 9 x 3 numbers, then 108 x 5.
        Assert.assertEquals(tucker.kernelMacs(), Math.min(270.0 + 360, 216.0 + 540));
        Assert.assertEquals(
                tucker.kernelProducts(),
                List.of(
                        new PairwiseOrders.Product(1, 5, 3, 18),
                        new PairwiseOrders.Product(1, 45, 2, 4)));
    }
}
