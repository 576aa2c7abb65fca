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
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * The plans of many layers stay what they are: every format, plain, strided, grouped, pointwise and
 * one- to three-dimensional layers, small and large, for prediction and training, by each cost
 * model that comes along. A change of the search or of a cost model that is meant to change plans
 * writes them anew with {@code -Dplans.write=true}; the difference of the file is what changed.
 * {@code -Dplans.whole=FILE} writes every step of 270 plans, to compare before and after a change
 * that is meant to change none.
 */
public class PlansTest {

    private static final Path FILE = Path.of("src", "test", "resources", "plans.txt");

    private record Layer(String name, KernelSpec spec, ConvolutionGeometry geometry, Shape input) {}

    private record Setting(String name, CostModel costs, boolean training, Layout layout, long n) {}

    private static List<Layer> layers() {
        return List.of(
                layer("16 at 32", new KernelSpec(16, 16, new Shape(3, 3), 1), 1, 1, 32, 32),
                layer(
                        "16 to 32, stride 2",
                        new KernelSpec(16, 32, new Shape(3, 3), 1),
                        2,
                        1,
                        32,
                        32),
                layer("64 at 8", new KernelSpec(64, 64, new Shape(3, 3), 1), 1, 1, 8, 8),
                layer("256 at 14", new KernelSpec(256, 256, new Shape(3, 3), 1), 1, 1, 14, 14),
                layer("64 to 256, 1x1", new KernelSpec(64, 256, new Shape(1, 1), 1), 1, 1, 16, 16),
                layer("groups", new KernelSpec(32, 64, new Shape(3, 3), 4), 1, 1, 16, 16),
                layer("dilated 5x1", new KernelSpec(24, 40, new Shape(5, 1), 1), 1, 2, 20, 12),
                layer("1d", new KernelSpec(32, 32, new Shape(7), 1), 2, 1, 100),
                layer("3d", new KernelSpec(8, 16, new Shape(3, 3, 3), 1), 1, 1, 8, 10, 10));
    }

    private static Layer layer(String name, KernelSpec spec, int stride, int dilation, long... at) {
        int axes = at.length;
        long[] padding = new long[axes];
        for (int n = 0; n < axes; n++) {
            padding[n] = (spec.kernel().get(n) - 1) / 2;
        }
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        spec.kernel(),
                        same(axes, stride),
                        new Shape(padding),
                        same(axes, dilation));
        return new Layer(name, spec, geometry, new Shape(at));
    }

    private static Shape same(int axes, long value) {
        long[] values = new long[axes];
        Arrays.fill(values, value);
        return new Shape(values);
    }

    private static Map<String, TensorFormat> formats() {
        Map<String, TensorFormat> formats = new TreeMap<>();
        formats.put("cp", TensorFormats.cp(Rank.of(12)));
        formats.put("cpJoint", TensorFormats.cpJoint(Rank.of(6)));
        formats.put("tucker2", TensorFormats.tucker2(Rank.of(8)));
        formats.put("hyperTucker2", TensorFormats.hyperTucker2(Rank.of(8)));
        formats.put("blockTerm", TensorFormats.blockTerm(2, Rank.of(4)));
        formats.put("tensorTrain", TensorFormats.tensorTrain(Rank.of(6)));
        formats.put("tensorTrainMatrix", TensorFormats.tensorTrainMatrix(Rank.of(4)));
        formats.put("tensorRing", TensorFormats.tensorRing(Rank.of(4)));
        formats.put("ring of 10", TensorFormats.tensorRing(Rank.of(10)));
        formats.put("dense", TensorFormats.dense());
        return formats;
    }

    private static List<Setting> settings() {
        CostModel one = CostModel.standard(Device.cpu(), 1);
        CostModel two = CostModel.standard(Device.cpu(), 2);
        CostModel gpu = CostModel.standard(Device.gpu(), 1);
        return List.of(
                new Setting("1 thread, predict 1", one, false, Layout.CHANNELS_FIRST, 1),
                new Setting("1 thread, train 32", one, true, Layout.CHANNELS_LAST, 32),
                new Setting("2 threads, train 8", two, true, Layout.CHANNELS_FIRST, 8),
                new Setting("2 threads, predict 64", two, false, Layout.CHANNELS_LAST, 64),
                new Setting("GPU, train 64", gpu, true, Layout.CHANNELS_LAST, 64),
                new Setting("GPU, predict 256", gpu, false, Layout.CHANNELS_FIRST, 256));
    }

    /** For every format and layer one setting, turn by turn; three for the whole text of plans. */
    private static List<String> plans(boolean whole) {
        List<String> lines = new ArrayList<>();
        List<Setting> settings = settings();
        int turn = 0;
        for (Map.Entry<String, TensorFormat> format : formats().entrySet()) {
            for (Layer layer : layers()) {
                TensorNetwork network = TensorFormats.network(format.getValue(), layer.spec());
                int step = whole ? 2 : settings.size();
                for (int n = turn++ % step; n < settings.size(); n += step) {
                    Setting setting = settings.get(n);
                    PlannerOptions options =
                            PlannerOptions.standard().withCostModel(setting.costs());
                    ContractionPlan plan =
                            ContractionPlanner.create(network, layer.geometry(), options)
                                    .plan(
                                            new Shape(setting.n(), layer.spec().inputChannels())
                                                    .addAll(layer.input()),
                                            setting.training(),
                                            setting.layout());
                    String text = whole ? plan.program().steps() + " " + plan.steps() + " " : "";
                    lines.add(
                            String.join(
                                    "; ",
                                    format.getKey(),
                                    layer.name(),
                                    setting.name(),
                                    plan.contractionPath() + " " + plan.operations(),
                                    text + plan.macs() + " " + plan.peakBytes()));
                }
            }
        }
        return lines;
    }

    @Test
    public void plansStayWhatTheyAre() throws IOException {
        String whole = System.getProperty("plans.whole");
        if (whole != null) {
            Files.write(Path.of(whole), plans(true));
        }
        List<String> plans = plans(false);
        if (Boolean.getBoolean("plans.write")) {
            Files.write(FILE, plans);
        }
        Assert.assertEquals(plans.size(), 90);
        List<String> before = Files.readAllLines(FILE);
        for (int n = 0; n < plans.size(); n++) {
            Assert.assertEquals(plans.get(n), before.get(n), "written anew by -Dplans.write=true:");
        }
        Assert.assertEquals(before.size(), plans.size());
    }
}
