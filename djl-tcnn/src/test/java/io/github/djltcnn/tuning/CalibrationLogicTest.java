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
package io.github.djltcnn.tuning;

import ai.djl.Device;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.tuning.internal.StepSample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The logic of a calibration on devices that are fast, made up or treated as if they were. */
public class CalibrationLogicTest {

    @Test
    public void layersGrowUntilTheDeviceIsBusy() {
        List<Double> tried = new ArrayList<>();
        // A GPU: 1.4e-14 seconds a multiply-add, and no less than 5e-5 seconds.
        double macs =
                CalibrationLayers.grow(
                        3e8,
                        2e11,
                        1e-3,
                        m -> {
                            tried.add(m);
                            return Math.max(5e-5, 1.4e-14 * m);
                        });
        Assert.assertEquals(macs, 3e8 * 256, 1);
        Assert.assertTrue(1.4e-14 * macs >= 1e-3);
        Assert.assertEquals(tried.size(), 9);
    }

    @Test
    public void slowDevicesKeepTheirLayersAndFastOnesHaveALimit() {
        Assert.assertEquals(CalibrationLayers.grow(3e8, 2e11, 1e-3, m -> 1.6e-11 * m), 3e8, 0);
        Assert.assertEquals(CalibrationLayers.grow(3e8, 2e11, 1e-3, m -> 0), 2e11, 0);
    }

    @Test
    public void theTrialLayerHasTheMultiplyAddsThatItClaims() {
        CalibrationLayers.Layer layer = CalibrationLayers.dense(3);
        ContractionPlan plan =
                ContractionPlanner.create(layer.network(), layer.geometry())
                        .plan(layer.inputShape(), false, Layout.CHANNELS_LAST);
        Assert.assertEquals((double) plan.macs(), 3 * CalibrationLayers.DENSE_MACS, 1);
    }

    @Test
    public void stepsAreTimedWhereADeviceIsWaitedFor() {
        CalibrationLayers.Layer layer = CalibrationLayers.dense(1);
        ContractionPlan plan =
                ContractionPlanner.create(layer.network(), layer.geometry())
                        .plan(layer.inputShape(), false, Layout.CHANNELS_LAST);
        StepSample sample = StepSample.of(plan.steps().get(0), plan.program());
        try (StepStopwatch watch = new StepStopwatch(Device.cpu(), 1e-3, true)) {
            Assert.assertTrue(watch.isAsynchronous());
            StepStopwatch.Time time = watch.time(sample);
            Assert.assertTrue(time.forward() > 0, time.toString());
            Assert.assertTrue(time.backward() >= 0, time.toString());
        }
        try (StepStopwatch watch = new StepStopwatch(Device.cpu(), 1e-3)) {
            Assert.assertFalse(watch.isAsynchronous());
        }
    }

    @Test
    public void anInterruptEndsACalibration() {
        List<Double> progress = new ArrayList<>();
        CostCalibration calibration =
                CostCalibration.builder()
                        .optSeconds(1e6)
                        .optProgress(
                                done -> {
                                    progress.add(done);
                                    Thread.currentThread().interrupt();
                                })
                        .build();
        try {
            CancellationException e =
                    Assert.expectThrows(CancellationException.class, calibration::measure);
            Assert.assertTrue(e.getMessage().contains("interrupted"), e.getMessage());
            Assert.assertTrue(Thread.currentThread().isInterrupted());
            Assert.assertEquals(progress.size(), 1);
        } finally {
            Thread.interrupted();
        }
    }
}
