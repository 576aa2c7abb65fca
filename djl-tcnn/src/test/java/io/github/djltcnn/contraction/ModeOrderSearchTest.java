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
import io.github.djltcnn.algebra.internal.ContractionTree;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.Arrangement;
import io.github.djltcnn.contraction.internal.lowering.ModeOrderSearch;
import io.github.djltcnn.contraction.internal.lowering.OrderedTensor;
import io.github.djltcnn.contraction.internal.search.MergeSearch;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.PathFilter;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.tuning.internal.StepSample;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The order in which tensors made of cores lie: that the products are right others test. */
public class ModeOrderSearchTest {

    @DataProvider
    public Object[][] trains() {
        return new Object[][] {
            {"i=6 r1=2, r1 h=3 w=3 r2=4, r2 o=5"},
            {"i1=3 r1=2, r1 i2=2 r2=4, r2 h=3 w=3 r3=5, r3 o1=2 r4=3, r4 o2=4"}
        };
    }

    /** Each core's last mode is the next one's first: all products are of views of matrices. */
    @Test(dataProvider = "trains")
    public void aTrainIsContractedWithoutCopies(String network) {
        ModeTable table = new ModeTable(TensorNetwork.parse(network));
        ContractionTree tree = new MergeSearch(table, MergeSearch::macs).best();
        List<OrderedTensor> orders = new ModeOrderSearch(table, 4).of(tree, new int[0]);
        assertWithoutCopies(
                orders.stream().min(Comparator.comparingDouble(OrderedTensor::cost)).orElseThrow());
    }

    private static void assertWithoutCopies(OrderedTensor made) {
        if (made.tree().isLeaf()) {
            return;
        }
        OrderedTensor.Cut cut = made.cut();
        Assert.assertTrue(
                made.left().lies(cut.shared(), cut.rows(), cut.summed())
                        || made.left().lies(cut.shared(), cut.summed(), cut.rows()),
                Arrays.toString(made.left().modes()));
        Assert.assertTrue(
                made.right().lies(cut.shared(), cut.summed(), cut.columns())
                        || made.right().lies(cut.shared(), cut.columns(), cut.summed()),
                Arrays.toString(made.right().modes()));
        assertWithoutCopies(made.left());
        assertWithoutCopies(made.right());
    }

    @Test
    public void ordersAreDistinctAndCosted() {
        ModeTable table =
                new ModeTable(
                        TensorNetwork.parse(
                                "r0=3 i1=2 r1=3, r1 i2=2 r2=3, r2 h=3 w=3 r3=3, r3 o=4 r0"));
        ContractionTree tree = new MergeSearch(table, MergeSearch::macs).best();
        int[] wanted = {1, 3};
        List<OrderedTensor> orders = new ModeOrderSearch(table, 4).of(tree, wanted);
        Assert.assertTrue(orders.size() > 1);
        for (OrderedTensor one : orders) {
            Assert.assertTrue(one.cost() > 0);
            long same = orders.stream().filter(other -> other.lies(one.modes())).count();
            Assert.assertEquals(same, 1);
        }
    }

    @DataProvider
    public Object[][] requests() {
        return new Object[][] {
            {new PlanRequest(new Shape(32, 128, 16, 16), Layout.CHANNELS_LAST, true)},
            {new PlanRequest(new Shape(4, 128, 8, 8), Layout.CHANNELS_LAST, false)}
        };
    }

    @Test(dataProvider = "requests")
    public void theFewerChannelsOfAProductLieOutside(PlanRequest request) {
        TensorNetwork network = TensorNetwork.parse("i=128 r1=16, r1 r2=16 h=3 w=3, r2 o=128");
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        new Shape(3, 3), new Shape(1, 1), new Shape(1, 1), new Shape(1, 1));
        ContractionPlanner planner = ContractionPlanner.create(network, geometry);
        // Core by core, and one matrix product wherever one can be.
        PathFilter products =
                new PathFilter() {
                    @Override
                    public boolean allowsContraction(long passed, long next) {
                        return Long.bitCount(next) == 1;
                    }

                    @Override
                    public boolean allowsOperation(Operation operation) {
                        return operation == Operation.PRODUCT_LAST
                                || operation == Operation.CONVOLUTION_LAST;
                    }
                };
        ContractionPlan plan = planner.search(request, products).orElseThrow();
        Assert.assertEquals(plan.steps().size(), 3);
        for (int n : new int[] {0, 2}) {
            ActivationStep product = plan.steps().get(n);
            Arrangement made = StepSample.of(product, plan.program()).prepared().arrangement();
            Assert.assertEquals(made.shape(), new Shape(16, 128));
            Assert.assertEquals(
                    made.seenShape().get(1), product.passage(made.seenShape()).before().get(3));
        }
    }
}
