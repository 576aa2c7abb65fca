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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Ranks by the time of layers, and the best of several formats for each. */
public class TimeTargetTest {

    private static final Shape INPUT = new Shape(1, 16, 8, 8);

    private static final Decomposer SHORT =
            Decomposer.builder().optStarts(1).optMaxSweeps(5).build();

    private NDManager manager;
    private SequentialBlock net;

    @BeforeMethod
    public void open() {
        manager = NDManager.newBaseManager();
        net =
                new SequentialBlock()
                        .add(convolution(16))
                        .add(convolution(32))
                        .add(convolution(32))
                        .add(Linear.builder().setUnits(8).build());
        net.initialize(manager, DataType.FLOAT32, INPUT);
    }

    @AfterMethod
    public void close() {
        manager.close();
    }

    private static Conv2d convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1))
                .build();
    }

    private static Tensorizer.Builder tensorizer(LayerTimes times, double share) {
        return Tensorizer.builder()
                .setFormat(TensorFormats::tucker2)
                .optRank(Rank.targetTime(share))
                .optLayerTimes(times)
                .optFilter(path -> !path.contains("Linear"));
    }

    /** A nanosecond for each multiply-add; layers of 16 output channels are slower in pieces. */
    private static final LayerTimes MADE_UP =
            new LayerTimes() {
                @Override
                public double seconds(
                        TensorNetwork network, ConvolutionGeometry geometry, Shape input) {
                    boolean slow = network.outputChannels() == 16 && network.cores().size() > 1;
                    return 1e-9 * network.macs(geometry, input) * (slow ? 1000 : 1);
                }

                @Override
                public double otherSeconds() {
                    return 1e-3;
                }
            };

    private static double seconds(ConversionReport report) {
        double sum = MADE_UP.otherSeconds();
        for (LayerReport layer : report.layers()) {
            boolean linear = layer.path().contains("Linear");
            ConvolutionGeometry geometry =
                    linear
                            ? ConvolutionGeometry.of(new Shape())
                            : new ConvolutionGeometry(
                                    new Shape(3, 3),
                                    new Shape(1, 1),
                                    new Shape(1, 1),
                                    new Shape(1, 1));
            if (layer.isConverted()) {
                long channels = TensorNetwork.parse(layer.network()).inputChannels();
                sum +=
                        MADE_UP.seconds(
                                TensorNetwork.parse(layer.network()),
                                geometry,
                                new Shape(1, channels, 8, 8));
            } else {
                sum += 1e-9 * layer.macsBefore();
            }
        }
        return sum;
    }

    @Test
    public void theTimeFallsToTheShareAndALayerThatGainsNothingStays() {
        double dense = 1e-3;
        for (LayerReport layer : ModelReports.plan(net, INPUT).layers()) {
            dense += 1e-9 * layer.macsBefore();
        }
        for (double share : new double[] {0.9, 0.75, 0.6}) {
            ConversionReport report = tensorizer(MADE_UP, share).build().plan(net, INPUT);
            double seconds = seconds(report);
            Assert.assertTrue(seconds <= share * dense, seconds + " of " + dense);
            Assert.assertTrue(seconds >= 0.9 * share * dense, seconds + " of " + dense);
            Assert.assertFalse(report.layer("01Conv2d").isConverted(), report.toString());
            Assert.assertTrue(report.converted() > 0, report.toString());
        }
        // The time of all else alone is more than that.
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> tensorizer(MADE_UP, 0.2).build().plan(net, INPUT));
    }

    /** What the library says of the dense layers. */
    private static final class ModelReports {
        static ConversionReport plan(SequentialBlock net, Shape input) {
            return Tensorizer.builder()
                    .setFormat(TensorFormats::tucker2)
                    .optRank(Rank.ratio(0.5))
                    .optFilter(path -> false)
                    .build()
                    .plan(net, input);
        }
    }

    @Test
    public void severalTargetsAreThoseOfSingleOnes() {
        Tensorizer tensorizer = tensorizer(MADE_UP, 0.9).build();
        List<Rank> targets = List.of(Rank.targetTime(0.9), Rank.targetTime(0.7));
        List<ConversionReport> both = tensorizer.plan(net, INPUT, targets);
        for (int n = 0; n < targets.size(); n++) {
            Assert.assertEquals(
                    both.get(n).toString(),
                    tensorizer(MADE_UP, n == 0 ? 0.9 : 0.7).build().plan(net, INPUT).toString());
        }
        // Two of four can be met.
        targets = List.of(0.9, 0.7, 0.01, 0.005).stream().map(Rank::targetTime).toList();
        Assert.assertEquals(tensorizer.plan(net, INPUT, targets).size(), 2);
        Assert.assertThrows(
                IllegalArgumentException.class,
                () ->
                        tensorizer.plan(
                                net, INPUT, List.of(Rank.targetTime(0.9), Rank.targetMacs(0.9))));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> tensorizer.plan(net, INPUT, List.of(Rank.ratio(0.5))));
    }

    /** Without a word about times the cost model of the planner is asked. */
    @Test
    public void theCostModelIsTheDefault() {
        SequentialBlock large = new SequentialBlock().add(convolution(128)).add(convolution(128));
        Shape input = new Shape(8, 128, 16, 16);
        large.initialize(manager, DataType.FLOAT32, input);
        ConversionReport report =
                Tensorizer.builder()
                        .setFormat(TensorFormats::tucker2)
                        .optRank(Rank.targetTime(0.5))
                        .build()
                        .plan(large, input);
        Assert.assertEquals(report.converted(), 2, report.toString());
    }

    /** The networks of a plan are those of the conversion. */
    @Test
    public void aPlanIsConvertedWithoutLookingForRanksAgain() {
        ConversionReport plan = tensorizer(MADE_UP, 0.7).build().plan(net, INPUT);
        Map<String, TensorNetwork> networks = new java.util.HashMap<>();
        for (LayerReport layer : plan.layers()) {
            if (layer.isConverted()) {
                networks.put(layer.path(), TensorNetwork.parse(layer.network()));
            }
        }
        ConversionReport done =
                tensorizer((network, geometry, input) -> Double.NaN, 0.1)
                        .optNetworks(networks)
                        .build()
                        .convert(net, INPUT)
                        .report();
        for (LayerReport layer : plan.layers()) {
            Assert.assertEquals(done.layer(layer.path()).network(), layer.network());
            Assert.assertEquals(done.layer(layer.path()).format(), layer.format());
        }
    }

    @Test
    public void everyLayerHasItsBestFormat() {
        Function<Rank, TensorFormat> any =
                rank ->
                        TensorFormats.any(
                                TensorFormats.graph("i h r, r w o", rank),
                                TensorFormats.tucker2(rank),
                                TensorFormats.tensorTrain(rank));
        for (Rank rank : List.of(Rank.ratio(0.3), Rank.error(0.8), Rank.targetParameters(0.5))) {
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(any)
                            .optRank(rank)
                            .optDecomposer(SHORT)
                            .build()
                            .plan(net, INPUT);
            Set<String> formats = new HashSet<>();
            report.layers().stream()
                    .filter(LayerReport::isConverted)
                    .forEach(layer -> formats.add(layer.format()));
            Assert.assertTrue(
                    Set.of("graph", "Tucker-2", "TT").containsAll(formats), report.toString());
            Assert.assertFalse(formats.isEmpty(), report.toString());
        }
        // Of one error bound it has at most the parameters of each format by itself.
        long best = parameters(any, Rank.error(0.8));
        for (Function<Rank, TensorFormat> one :
                List.<Function<Rank, TensorFormat>>of(
                        TensorFormats::tucker2,
                        rank -> TensorFormats.graph("i h r, r w o", rank))) {
            long alone = parameters(one, Rank.error(0.8));
            Assert.assertTrue(best <= alone, best + " and " + alone);
        }
        Assert.assertThrows(
                IllegalArgumentException.class,
                () ->
                        TensorFormats.any(
                                TensorFormats.cp(Rank.of(2)), TensorFormats.cp(Rank.of(3))));
        TensorFormat twice = any.apply(Rank.ratio(0.5));
        Assert.assertEquals(twice, any.apply(Rank.ratio(0.5)));
        Assert.assertTrue(twice.name().startsWith("any of"), twice.name());
        Assert.assertEquals(twice.withRank(Rank.of(2)).rank(), Rank.of(2));
    }

    private long parameters(Function<Rank, TensorFormat> format, Rank rank) {
        return Tensorizer.builder()
                .setFormat(format)
                .optRank(rank)
                .optDecomposer(SHORT)
                .optEvenIfLarger(true)
                .optFilter(path -> path.contains("Conv"))
                .build()
                .convert(copy(), INPUT)
                .report()
                .parametersAfter();
    }

    private SequentialBlock copy() {
        SequentialBlock copy =
                new SequentialBlock()
                        .add(convolution(16))
                        .add(convolution(32))
                        .add(convolution(32))
                        .add(Linear.builder().setUnits(8).build());
        copy.initialize(manager, DataType.FLOAT32, INPUT);
        for (int n = 0; n < net.getParameters().size(); n++) {
            net.getParameters()
                    .valueAt(n)
                    .getArray()
                    .copyTo(copy.getParameters().valueAt(n).getArray());
        }
        return copy;
    }
}
