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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Memory limits, objectives, autotuning, and caches that do not grow. */
public class PlannerOptionsTest {

    private static final Shape INPUT = new Shape(8, 32, 16, 16);

    private final TensorNetwork network =
            TensorFormats.tensorRing(Rank.of(4)).network(KernelSpec.of(32, 32, new Shape(3, 3)));

    private ContractionPlanner planner(PlannerOptions options) {
        ConvolutionGeometry same =
                new ConvolutionGeometry(
                        new Shape(3, 3), new Shape(1, 1), new Shape(1, 1), new Shape(1, 1));
        return ContractionPlanner.create(network, same, options);
    }

    @DataProvider
    public Object[][] directions() {
        return new Object[][] {{false}, {true}};
    }

    @Test(dataProvider = "directions")
    public void everyLimitIsKeptOrRefused(boolean training) {
        PlannerOptions standard = PlannerOptions.standard();
        ContractionPlan fastest = planner(standard).plan(INPUT, training);
        ContractionPlan smallest =
                planner(standard.withObjective(Objective.MEMORY)).plan(INPUT, training);
        Assert.assertTrue(smallest.heldBytes() <= fastest.heldBytes());
        Assert.assertTrue(smallest.peakBytes() >= 8L * 32 * 16 * 16 * Float.BYTES);
        int kept = 0;
        for (double part = 1; part > 0.1; part -= 0.05) {
            long limit = (long) (part * fastest.heldBytes());
            ContractionPlanner planner = planner(standard.withMemoryLimit(limit));
            try {
                ContractionPlan plan = planner.plan(INPUT, training);
                Assert.assertTrue(plan.heldBytes() <= limit, plan + " over " + limit);
                kept++;
            } catch (IllegalArgumentException e) {
                Assert.assertTrue(limit < smallest.heldBytes(), e.getMessage());
                Assert.assertTrue(e.getMessage().contains(" " + limit + " bytes"), e.getMessage());
            }
        }
        Assert.assertTrue(kept > 0);
    }

    /** A dense kernel that is kept counts: a limit that it does not fit in leaves other plans. */
    @Test
    public void theLimitCountsKeptWeights() {
        TensorNetwork wide =
                TensorFormats.tucker2(Rank.of(8)).network(KernelSpec.of(256, 256, new Shape(3, 3)));
        Shape input = new Shape(1, 256, 8, 8);
        ConvolutionGeometry geometry = ConvolutionGeometry.of(new Shape(3, 3));
        long limit = 1L << 20;
        ContractionPlan dense =
                ContractionPlanner.create(wide, geometry)
                        .kernelFirst(input, false, Layout.CHANNELS_FIRST, Device.cpu());
        Assert.assertTrue(dense.peakBytes() < limit, dense.toString());
        Assert.assertEquals(dense.keptBytes(), 256L * 256 * 9 * Float.BYTES);
        Assert.assertEquals(dense.heldBytes(), dense.peakBytes() + dense.keptBytes());
        PlannerOptions limited = PlannerOptions.standard().withMemoryLimit(limit);
        ContractionPlan plan =
                ContractionPlanner.create(wide, geometry, limited).plan(input, false);
        Assert.assertTrue(plan.heldBytes() <= limit, plan.toString());
        Assert.assertTrue(plan.contractionPath().size() > 1, plan.toString());
    }

    @Test
    public void anObjectiveIsTheLeastOfItsKind() {
        ContractionPlan fewest =
                planner(PlannerOptions.standard().withObjective(Objective.MACS)).plan(INPUT, true);
        for (ContractionPlan other : planner(PlannerOptions.standard()).candidates(request(true))) {
            Assert.assertTrue(fewest.macs() <= other.macs());
        }
    }

    private static PlanRequest request(boolean training) {
        return new PlanRequest(INPUT, Layout.CHANNELS_FIRST, training);
    }

    @Test
    public void anAutotunedPlanIsKept() {
        ContractionPlanner planner = planner(PlannerOptions.standard().withAutotuning(true));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(INPUT);
            ContractionPlan tuned = planner.tuned(x, Layout.CHANNELS_LAST);
            Assert.assertSame(planner.tuned(x, Layout.CHANNELS_LAST), tuned);
            Assert.assertSame(planner.plan(INPUT, false, Layout.CHANNELS_LAST), tuned);
        }
    }

    /** What was explained before the first prediction is not what is evaluated then. */
    @Test
    public void explainingDoesNotReplaceTiming() {
        ContractionPlanner planner = planner(PlannerOptions.standard().withAutotuning(true));
        String explained = planner.explain(INPUT, false, Layout.CHANNELS_LAST, Device.cpu());
        ContractionPlan predicted = planner.plan(INPUT, false, Layout.CHANNELS_LAST);
        Assert.assertTrue(explained.startsWith(predicted.toString()), explained);
        Assert.assertNull(planner.timedPlan(INPUT, Layout.CHANNELS_LAST, Device.cpu()));
        try (NDManager manager = NDManager.newBaseManager()) {
            ContractionPlan tuned = planner.tuned(manager.ones(INPUT), Layout.CHANNELS_LAST);
            Assert.assertSame(planner.timedPlan(INPUT, Layout.CHANNELS_LAST, Device.cpu()), tuned);
        }
    }

    @Test
    public void explainingTellsWhatIsHeldAndKept() {
        ContractionPlanner planner = planner(PlannerOptions.standard());
        ContractionPlan plan = planner.plan(INPUT, false);
        Assert.assertTrue(plan.keptBytes() > 0);
        Assert.assertEquals(planner.plan(INPUT, true).keptBytes(), 0);
        String explained = planner.explain(INPUT, false);
        Assert.assertTrue(
                explained.contains(
                        String.format(
                                Locale.ROOT,
                                "kept between predictions %,.0f KiB",
                                plan.keptBytes() / 1024.0)),
                explained);
    }

    @Test
    public void aDeviceHasPlansOfItsOwn() {
        ContractionPlanner planner = planner(PlannerOptions.standard());
        ContractionPlan cpu = planner.plan(INPUT, true, Layout.CHANNELS_FIRST, Device.cpu());
        ContractionPlan gpu = planner.plan(INPUT, true, Layout.CHANNELS_FIRST, Device.gpu());
        Assert.assertTrue(gpu.predictedSeconds() < cpu.predictedSeconds());
    }

    @Test
    public void nonsenseIsRefused() {
        PlannerOptions options = PlannerOptions.standard();
        Assert.assertThrows(IllegalArgumentException.class, () -> options.withMemoryLimit(0));
        Assert.assertThrows(IllegalArgumentException.class, () -> options.withObjective(null));
    }

    @Test
    public void aCacheForgetsTheOldest() {
        BoundedCache<Integer, Integer> cache = new BoundedCache<>(3);
        AtomicInteger made = new AtomicInteger();
        for (int key : new int[] {1, 2, 3, 3, 2, 4, 2, 1}) {
            int value =
                    cache.get(
                            key,
                            k -> {
                                made.incrementAndGet();
                                return 10 * k;
                            });
            Assert.assertEquals(value, 10 * key);
            Assert.assertTrue(cache.size() <= 3);
        }
        Assert.assertEquals(made.get(), 5, "1 2 3 4, and 1 again");
    }
}
