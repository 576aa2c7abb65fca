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
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.cost.Neighbours;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Rate;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.tuning.CostCalibration;
import io.github.djltcnn.tuning.internal.NonNegativeFit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Cost models: shipped, measured, saved and refused. */
public class CostModelTest {

    private static CostModel measured(double seconds) {
        double[] last = {0};
        CostModel measured =
                CostCalibration.builder()
                        .optDevice(Device.cpu())
                        .optSeconds(seconds)
                        .optSeed(3)
                        .optProgress(
                                done -> {
                                    Assert.assertTrue(done >= last[0] && done <= 1);
                                    last[0] = done;
                                })
                        .build()
                        .measure();
        Assert.assertEquals(last[0], 1.0);
        return measured;
    }

    @Test
    public void aSavedModelIsRead() throws IOException {
        Properties properties = CostModel.standard(Device.cpu(), 1).toProperties();
        properties.setProperty("COPY.forward", "1e-6 2e-11 0 3e-10");
        CostModel changed = CostModel.fromProperties(properties);
        Assert.assertNotEquals(changed, CostModel.standard(Device.cpu(), 1));
        Path folder = Files.createTempDirectory("costs");
        Path file = folder.resolve("changed.properties");
        changed.save(file);
        try (var files = Files.list(folder)) {
            Assert.assertEquals(files.toList(), List.of(file), "nothing is left beside the file");
        }
        Assert.assertEquals(CostModel.load(file), changed);
        Files.delete(file);
        Files.delete(folder);
    }

    @Test(groups = "timing")
    public void aMeasuredModelIsSavedAndRead() throws IOException {
        CostModel measured = measured(1.5);
        if (measured.equals(CostModel.standard(Device.cpu(), 1))) {
            // A kind of step counts if a few of it were timed: on a busy machine that takes longer.
            measured = measured(20);
        }
        Assert.assertFalse(
                measured.equals(CostModel.standard(Device.cpu(), 1)), "nothing was measured");
        Path folder = Files.createTempDirectory("costs");
        Path file = folder.resolve("measured.properties");
        measured.save(file);
        try (var files = Files.list(folder)) {
            Assert.assertEquals(files.toList(), List.of(file), "nothing is left beside the file");
        }
        CostModel read = CostModel.load(file);
        Assert.assertEquals(read, measured, "nothing is rounded on the way");
        Assert.assertEquals(read.hashCode(), measured.hashCode());
        TensorNetwork network = TensorNetwork.parse("i=16 r1=4, r1 r2=4 h=3 w=3, r2 o=16");
        double[] seconds = new double[2];
        CostModel[] models = {measured, read};
        for (int n = 0; n < 2; n++) {
            seconds[n] =
                    ContractionPlanner.create(
                                    network,
                                    ConvolutionGeometry.of(new Shape(3, 3)),
                                    PlannerOptions.standard().withCostModel(models[n]))
                            .plan(new Shape(8, 16, 12, 12), true)
                            .predictedSeconds();
        }
        Assert.assertEquals(seconds[1], seconds[0], 0.0);
        Files.delete(file);
        Files.delete(folder);
    }

    @DataProvider
    public Object[][] models() {
        return new Object[][] {
            {CostModel.standard(Device.cpu(), 1)},
            {CostModel.standard(Device.cpu(), 2)},
            {CostModel.standard(Device.gpu(), 1)}
        };
    }

    @Test(dataProvider = "models")
    public void everyKindOfStepTakesTime(CostModel model) {
        for (Operation operation : Operation.values()) {
            Work.Extent extent = new Work.Extent(16, 16, 1, 8, 8 * 256, 9, false);
            double macs = 16 * 16 * 8 * 256 * 9;
            double bytes = 2 * 16 * 8 * 256 * Float.BYTES;
            Work work = new Work(operation, extent, macs, macs, 2 * macs, bytes / 2, bytes / 2);
            double forward = model.seconds(work, false);
            Assert.assertTrue(forward > 0 && forward < 1, operation + " " + forward);
            Assert.assertTrue(model.seconds(work, true) > forward, operation.name());
        }
    }

    @Test(dataProvider = "models")
    public void propertiesAreExact(CostModel model) {
        Assert.assertEquals(CostModel.fromProperties(model.toProperties()), model);
    }

    @Test
    public void modelsAreEqualByTheirNumbersAndNotByTheirFirstDigits() {
        Properties properties = CostModel.standard(Device.gpu(), 1).toProperties();
        properties.setProperty("COPY.forward", "1.00000001e-5 0 0.1e-11 0");
        CostModel one = CostModel.fromProperties(properties);
        properties.setProperty("COPY.forward", "1e-5 0 1e-12 0");
        CostModel other = CostModel.fromProperties(properties);
        Assert.assertFalse(one.equals(other));
        properties.setProperty("COPY.forward", "0.0000100000001 0.0 1E-12 0e3");
        Assert.assertEquals(CostModel.fromProperties(properties), one);
    }

    @Test
    public void channelsAreFilledUpToBlocks() {
        Properties properties = CostModel.standard(Device.cpu(), 1).toProperties();
        properties.setProperty("CONVOLUTION_LAST.forward", "0 1e-12 0 0");
        properties.setProperty("CONVOLUTION_LAST.backward", "0 1e-12 0 0");
        properties.setProperty("CONVOLUTION_LAST.filling", "32 64 4 3");
        properties.remove("CONVOLUTION_LAST.timed");
        CostModel model = CostModel.fromProperties(properties);
        double block = 32 * 64 * 100 * 9;
        Assert.assertEquals(model.seconds(convolution(32, 64), false), block * 1e-12, 1e-20);
        Assert.assertEquals(model.seconds(convolution(4, 8), false), block * 1e-12, 1e-20);
        Assert.assertEquals(model.seconds(convolution(36, 8), false), 2 * block * 1e-12, 1e-20);
        // Ten channels are not aligned: a slower kernel.
        Assert.assertEquals(model.seconds(convolution(4, 10), false), 3 * block * 1e-12, 1e-20);
        // Both gradients take twice the multiply-adds.
        Assert.assertEquals(model.seconds(convolution(4, 8), true), 3 * block * 1e-12, 1e-20);
    }

    private static Work convolution(int in, int out) {
        Work.Extent extent = new Work.Extent(in, out, 1, 1, 100, 9, false);
        double macs = in * out * 900;
        return new Work(Operation.CONVOLUTION_LAST, extent, macs, macs, 2 * macs, 0, 0);
    }

    @Test
    public void filesThatAreNoCostModelAreNamed() throws IOException {
        Path file = Files.createTempFile("costs", ".properties");
        for (byte[] content :
                List.of(
                        new byte[] {(byte) 0xc3, (byte) 0x28, '=', '1'},
                        "COPY.forward = \\u12".getBytes(StandardCharsets.UTF_8),
                        new byte[0])) {
            Files.write(file, content);
            IllegalArgumentException e =
                    Assert.expectThrows(IllegalArgumentException.class, () -> CostModel.load(file));
            Assert.assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        }
        Files.delete(file);
    }

    @DataProvider
    public Object[][] broken() {
        return new Object[][] {
            {"COPY.forward", "1 2 3", "four numbers"},
            {"COPY.forward", "1 2 3 four", "something else than numbers"},
            {"COPY.forward", "1 2 3 -4", "no time"},
            {"COPY.forward", "1 2 3 NaN", "not finite"},
            {"COPY.forward", "1 2 Infinity 4", "not finite"},
            {"COPY.forward", "1e300 2 3 4", "not finite, or beyond"},
            {"COPY.forward", "1 2 3 61", "no time of 0 to 60"},
            {"COPY.forward", "", "four numbers"},
            {"COPY.forward", "x".repeat(100_000), "four numbers"},
            {"COPY.filling", "32 64 4", "four numbers"},
            {"COPY.filling", "0 64 4 1", "below 1"},
            {"COPY.filling", "32 NaN 4 1", "not finite"},
            {"COPY.timed", "-1 1 1 1 1 1 0 0 0", "size below 0"},
            {"COPY.timed", "1 1 1 1 1 1 0 21 0", "logarithm beyond"},
            {"COPY.timed", "1 1 1 1 1 1 0 0 0;".repeat(3), "nine numbers"},
            {"COPPY.forward", "1 2 3 4", "nothing named \"COPPY.forward\""},
            {"cost", "1", "MERGE"},
            {"COPY.forward", null, "COPY.forward"},
            {"COPY.timed", "1 2 3", "nine numbers"},
            {"COPY.timed", "1 1 1 1 1 1 0 x 0", "something else than numbers"},
            {"COPY.timed", "1 1 1 1 1 1 0 0 Infinity", "not finite"},
        };
    }

    @Test(dataProvider = "broken")
    public void brokenFilesAreRefused(String key, String value, String why) {
        Properties properties = CostModel.standard(Device.cpu(), 1).toProperties();
        if (value == null) {
            properties.remove(key);
        } else {
            properties.setProperty(key, value);
        }
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> CostModel.fromProperties(properties));
        Assert.assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @Test
    public void aFitFindsWhatTimesAreMadeOf() {
        Random random = new Random(4);
        double[] wanted = {1e-5, 2e-11, 0, 3e-10};
        List<double[]> terms =
                random.doubles(200)
                        .mapToObj(u -> Rate.factors(1e9 * random.nextDouble(), 1e7 * u))
                        .toList();
        List<Double> times =
                terms.stream()
                        .map(
                                t -> {
                                    double sum = 0;
                                    for (int n = 0; n < wanted.length; n++) {
                                        sum += t[n] * wanted[n];
                                    }
                                    return sum;
                                })
                        .toList();
        double[] found = NonNegativeFit.relative(terms, times);
        for (int n = 0; n < wanted.length; n++) {
            Assert.assertEquals(found[n], wanted[n], 1e-6 * (wanted[n] + 1e-11));
        }
    }

    @Test
    public void timesThatWereDisturbedDoNotDecideAFit() {
        Random random = new Random(5);
        List<double[]> terms = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        for (int n = 0; n < 200; n++) {
            double macs = 1e7 + 1e9 * random.nextDouble();
            terms.add(Rate.factors(macs, 0));
            // Every tenth time is a thousandth of what it should be.
            times.add(macs * 2e-11 * (n % 10 == 0 ? 1e-3 : 1));
        }
        double[] found = NonNegativeFit.robust(terms, times);
        Assert.assertEquals(found[1], 2e-11, 1e-14);
        Assert.assertTrue(NonNegativeFit.relative(terms, times)[1] < 1e-12, "they would");
    }

    @Test
    public void neighboursCorrectNearThemAndNotFarAway() {
        Work.Extent here = new Work.Extent(16, 16, 1, 8, 4096, 9, false);
        Neighbours one =
                new Neighbours(List.of(new Neighbours.Row(here, Math.log(2), Math.log(3))));
        // The rate keeps the weight of 0.15 of a neighbour.
        Assert.assertEquals(one.correction(here, false), Math.pow(2, 1 / 1.15), 1e-9);
        Assert.assertEquals(one.correction(here, true), Math.pow(3, 1 / 1.15), 1e-9);
        Work.Extent far = new Work.Extent(512, 16, 1, 8, 4096, 9, false);
        Assert.assertEquals(one.correction(far, false), 1, 1e-9);
    }
}
