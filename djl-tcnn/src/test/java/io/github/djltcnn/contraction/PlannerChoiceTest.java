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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What the planner chooses, whatever the coefficients. */
public class PlannerChoiceTest {

    private static final ConvolutionGeometry GEOMETRY =
            new ConvolutionGeometry(
                    new Shape(3, 3), new Shape(1, 1), new Shape(1, 1), new Shape(1, 1));

    @DataProvider
    public Object[][] ranks() {
        return new Object[][] {{2}, {4}, {6}, {8}, {10}, {12}, {16}, {24}};
    }

    @Test(dataProvider = "ranks")
    public void predictionsThatMeanTheSameLeaveTheDenseConvolution(int rank) {
        TensorNetwork network =
                TensorFormats.tensorRing(Rank.of(rank))
                        .network(KernelSpec.of(64, 64, new Shape(3, 3)));
        ContractionPlanner planner = ContractionPlanner.create(network, GEOMETRY);
        Shape shape = new Shape(2, 64, 56, 56);
        for (Layout layout : Layout.values()) {
            ContractionPlan chosen = planner.plan(shape, false, layout);
            ContractionPlan dense = planner.kernelFirst(new PlanRequest(shape, layout, false));
            if (!chosen.steps().equals(dense.steps())) {
                Assert.assertTrue(
                        dense.predictedSeconds() > 1.05 * chosen.predictedSeconds(),
                        chosen.toString());
            }
        }
    }
}
