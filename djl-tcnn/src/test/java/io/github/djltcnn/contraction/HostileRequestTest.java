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
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.tuning.CostCalibration;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Inputs that are no inputs, and images that no memory holds. */
public class HostileRequestTest {

    private static final TensorNetwork NETWORK = TensorNetwork.parse("i=8 r=2, r o=8 h=3 w=3");

    @Test
    void testSizesThatAreNotKnown() {
        ContractionPlanner planner =
                ContractionPlanner.create(NETWORK, ConvolutionGeometry.of(new Shape(3, 3)));
        String message =
                Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> planner.plan(new Shape(-1, 8, 8, 8), false))
                        .getMessage();
        Assert.assertTrue(message.contains("(-1, 8, 8, 8)"), message);
        // Without a layout the plan was one for channels last.
        Assert.assertThrows(
                NullPointerException.class, () -> planner.plan(new Shape(1, 8, 8, 8), false, null));
    }

    /** Went through all its two thousand million rows before. */
    @Test(timeOut = 60_000)
    void testPlanOfAnImmenseImage() {
        ContractionPlanner planner =
                ContractionPlanner.create(NETWORK, ConvolutionGeometry.of(new Shape(3, 3)));
        long side = Integer.MAX_VALUE;
        ContractionPlan plan = planner.plan(new Shape(1, 8, side, side), false);
        Assert.assertTrue(plan.peakBytes() > 0);
    }

    /** The closed form finds the windows that see padding alone as a look at all of them does. */
    @Test
    void testWindowsOfPadding() {
        long seed = 7;
        Random random = new Random(seed);
        for (int n = 0; n < 3000; n++) {
            long kernel = 1L + random.nextInt(4);
            long stride = 1L + random.nextInt(4);
            long padding = random.nextInt(8);
            long dilation = 1L + random.nextInt(5);
            long size = 1L + random.nextInt(8);
            if (size + 2 * padding < dilation * (kernel - 1) + 1) {
                continue;
            }
            ConvolutionGeometry geometry =
                    new ConvolutionGeometry(
                            new Shape(kernel),
                            new Shape(stride),
                            new Shape(padding),
                            new Shape(dilation));
            boolean dead = false;
            long outputs = geometry.outputShape(new Shape(size)).get(0);
            for (long position = 0; position < outputs; position++) {
                boolean live = false;
                for (long tap = 0; tap < kernel; tap++) {
                    long at = position * stride - padding + tap * dilation;
                    live |= at >= 0 && at < size;
                }
                dead |= !live;
            }
            ModeTable table = new ModeTable(TensorNetwork.parse("i=2 o=2 w=" + kernel));
            SpatialSchedule schedule = new SpatialSchedule(table, geometry, new Shape(1, 2, size));
            Assert.assertEquals(
                    schedule.hasDeadWindows(),
                    dead,
                    "seed " + seed + ", " + geometry + ", " + size);
        }
    }

    @Test
    void testCalibrationOfADeviceThatIsNotThere() {
        int gpus = Engine.getInstance().getGpuCount();
        CostCalibration.Builder builder = CostCalibration.builder().optDevice(Device.gpu(gpus));
        String message =
                Assert.expectThrows(IllegalArgumentException.class, builder::build).getMessage();
        Assert.assertTrue(message.contains(Device.gpu(gpus).toString()), message);
        Assert.assertThrows(
                NullPointerException.class, () -> CostCalibration.builder().optDevice(null));
    }
}
