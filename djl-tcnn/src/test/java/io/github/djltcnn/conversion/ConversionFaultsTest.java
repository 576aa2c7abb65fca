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

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.util.Progress;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.contraction.Objective;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialSequential;
import java.io.StringReader;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What is refused, in whose words, and that a refusal leaves the model as it was. */
@Test(singleThreaded = true)
public class ConversionFaultsTest {

    private static final Shape INPUT = new Shape(2, 4, 6, 6);

    private static Conv2d convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1))
                .build();
    }

    private static SequentialBlock net() {
        return new SequentialBlock()
                .add(convolution(8))
                .add(Activation.reluBlock())
                .add(convolution(12))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(10).build());
    }

    private static SequentialBlock net(NDManager manager, DataType dataType) {
        SequentialBlock net = net();
        net.initialize(manager, dataType, INPUT);
        return net;
    }

    private static Tensorizer tensorizer(TensorFormat format) {
        return Tensorizer.builder().setFormat(format).optEvenIfLarger(true).build();
    }

    private static String refused(Assert.ThrowingRunnable call) {
        return Assert.expectThrows(IllegalArgumentException.class, call).getMessage();
    }

    /** Runs a call that must fail, and checks that blocks and arrays are those there were. */
    private static <T extends Throwable> T unharmed(
            SequentialBlock net, NDManager manager, Class<T> type, Assert.ThrowingRunnable call) {
        List<Block> blocks = net.getChildren().values();
        int arrays = manager.getManagedArrays().size();
        T thrown = Assert.expectThrows(type, call);
        Assert.assertEquals(net.getChildren().values(), blocks);
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
        BlockTree.parameters(net)
                .values()
                .forEach(p -> Assert.assertFalse(p.getArray().isReleased()));
        return thrown;
    }

    @DataProvider
    public Object[][] types() {
        return new Object[][] {
            {DataType.FLOAT16, 2e-2}, {DataType.FLOAT32, 1e-4}, {DataType.FLOAT64, 1e-10}
        };
    }

    @Test(dataProvider = "types")
    public void layersKeepTheirDataType(DataType dataType, double tolerance) {
        try (NDManager manager = NDManager.newBaseManager();
                NDManager own = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, dataType);
            NDArray x = own.randomNormal(INPUT).toType(dataType, false);
            NDArray expected = TinyNet.forward(net, manager, x).toType(DataType.FLOAT64, false);
            int arrays = manager.getManagedArrays().size();
            Tensorizer tensorizer = tensorizer(TensorFormats.tucker2(Rank.max()));
            ConversionReport plan = tensorizer.plan(net, INPUT);
            Assert.assertEquals(manager.getManagedArrays().size(), arrays, "a plan left arrays");
            ConversionReport report = tensorizer.convert(net, INPUT).report();
            Assert.assertEquals(plan.converted(), report.converted());
            Assert.assertEquals(report.converted(), 3);
            Assert.assertEquals(
                    report.bytesAfter(), report.parametersAfter() * dataType.getNumOfBytes());
            for (Parameter parameter : BlockTree.parameters(net).values()) {
                Assert.assertEquals(parameter.getArray().getDataType(), dataType);
            }
            Assert.assertEquals(
                    manager.getManagedArrays().size(), BlockTree.parameters(net).size());
            NDArray found = TinyNet.forward(net, manager, x).toType(DataType.FLOAT64, false);
            double scale = expected.abs().max().getDouble();
            double difference = found.sub(expected).abs().max().getDouble();
            Assert.assertTrue(difference <= tolerance * scale, difference + " of " + scale);
            Tensorizer.merge(net, INPUT);
            NDArray merged = TinyNet.forward(net, manager, x).toType(DataType.FLOAT64, false);
            Assert.assertTrue(
                    merged.sub(expected).abs().max().getDouble() <= 2 * tolerance * scale);
            Assert.assertEquals(
                    BlockTree.parameters(net).values().iterator().next().getArray().getDataType(),
                    dataType);
        }
    }

    /** Refused before anything is decomposed, by plan and by convert. */
    @Test
    public void otherDataTypesAreRefusedByTheNameOfTheLayer() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            Conv2d odd = (Conv2d) net.getChildren().get("03Conv2d");
            Parameter weight = odd.getDirectParameters().get("weight");
            weight.close();
            weight.setShape(null);
            weight.setArray(manager.zeros(new Shape(12, 8, 3, 3), DataType.INT32));
            Tensorizer tensorizer = tensorizer(TensorFormats.tucker2(Rank.of(2)));
            for (Assert.ThrowingRunnable call :
                    List.<Assert.ThrowingRunnable>of(
                            () -> tensorizer.plan(net, INPUT),
                            () -> tensorizer.convert(net, INPUT))) {
                String message =
                        unharmed(net, manager, IllegalArgumentException.class, call).getMessage();
                Assert.assertTrue(message.startsWith("Cannot convert 03Conv2d: "), message);
                Assert.assertTrue(message.contains("int32"), message);
            }
        }
    }

    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {TensorFormats.tucker2(Rank.of(2))},
            {TensorFormats.tucker2(Rank.error(0.2))},
            {TensorFormats.tensorTrain(Rank.energy(0.9))},
            {TensorFormats.tucker2(Rank.targetParameters(0.6))},
            {TensorFormats.tucker2(Rank.targetMacs(0.98))},
        };
    }

    @Test(dataProvider = "formats")
    public void aLayerOfZerosStays(TensorFormat format) {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            net.getChildren()
                    .get("03Conv2d")
                    .getDirectParameters()
                    .get("weight")
                    .getArray()
                    .muli(0);
            ConversionReport report = tensorizer(format).convert(net, INPUT).report();
            Assert.assertEquals(report.layer("03Conv2d").skipped(), "all its weights are zero");
            Assert.assertTrue(report.converted() >= 1, report.toString());
        }
    }

    /** As RFC 8259 has it, read by a parser that takes nothing else. */
    private static JsonObject parse(String json) throws Exception {
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            return element.getAsJsonObject();
        }
    }

    @Test
    public void reportsAreJson() throws Exception {
        Assert.assertThrows(Exception.class, () -> parse("{\"a\": NaN}"));
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .optKeepFirst(true)
                            .build();
            JsonObject plan = parse(tensorizer.plan(net, INPUT).toJson());
            Assert.assertTrue(layer(plan, 0).get("relativeError").isJsonNull());
            Assert.assertTrue(layer(plan, 1).get("relativeError").isJsonNull());
            ConversionReport report = tensorizer.convert(net, INPUT).report();
            JsonObject json = parse(report.toJson());
            Assert.assertEquals(json.get("parametersAfter").getAsLong(), report.parametersAfter());
            Assert.assertEquals(json.get("macsBefore").getAsLong(), report.macsBefore());
            Assert.assertTrue(layer(json, 0).get("relativeError").isJsonNull());
            Assert.assertEquals(layer(json, 0).get("order"), new JsonArray());
            LayerReport converted = report.layers().get(1);
            Assert.assertEquals(
                    layer(json, 1).get("relativeError").getAsDouble(), converted.relativeError());
            Assert.assertEquals(layer(json, 1).get("network").getAsString(), converted.network());
            Assert.assertEquals(
                    layer(json, 1).getAsJsonArray("order").asList().stream()
                            .map(JsonElement::getAsString)
                            .toList(),
                    converted.order());
            Assert.assertTrue(converted.order().size() >= 1, converted.order().toString());
            JsonObject summary = parse(ModelSummary.of(net, INPUT).toJson());
            Assert.assertEquals(summary.getAsJsonArray("layers").size(), 5);
            Assert.assertEquals(report.toCsv().lines().count(), 4);
        }
    }

    private static JsonObject layer(JsonObject report, int n) {
        return report.getAsJsonArray("layers").get(n).getAsJsonObject();
    }

    @Test
    public void aPlanRefusesTheRanksThatAConversionRefuses() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            Tensorizer tensorizer = tensorizer(TensorFormats.tucker2(Rank.of(9)));
            String plan = refused(() -> tensorizer.plan(net, INPUT));
            Assert.assertTrue(plan.startsWith("Cannot convert 01Conv2d: "), plan);
            Assert.assertTrue(plan.contains("exceeds the largest useful rank 4"), plan);
            Assert.assertEquals(refused(() -> tensorizer.convert(net, INPUT)), plan);
        }
    }

    /** Squares of such numbers are beyond float64. */
    @Test
    public void kernelsOfAnyScaleConvert() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (double scale : new double[] {1e306, 1e-306}) {
                for (Rank rank : new Rank[] {Rank.of(2), Rank.error(0.3)}) {
                    SequentialBlock net = net(manager, DataType.FLOAT64);
                    Parameter weight =
                            net.getChildren().get("03Conv2d").getDirectParameters().get("weight");
                    weight.getArray().muli(scale);
                    ConversionReport report =
                            tensorizer(TensorFormats.tucker2(rank)).convert(net, INPUT).report();
                    double error = report.layer("03Conv2d").relativeError();
                    Assert.assertTrue(error > 0 && error < 1, rank + " at " + scale + ": " + error);
                }
            }
        }
    }

    @DataProvider
    public Object[][] wrongInputs() {
        return new Object[][] {
            {new Shape(2, 3, 6, 6), "Layer 01Conv2d (Conv2d) takes 4 channels on axis 1, got"},
            {new Shape(2, 4, 6, 7), "Layer 05Linear (Linear) takes 432 features on axis 1, got"},
            {new Shape(0, 4, 6, 6), "sizes of at least 1, its batch included"},
            {new Shape(2, 4, -1, 6), "sizes of at least 1, its batch included"},
        };
    }

    @Test(dataProvider = "wrongInputs")
    public void anInputThatTheModelDoesNotTakeIsRefused(Shape input, String part) {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            Tensorizer tensorizer = tensorizer(TensorFormats.tucker2(Rank.of(2)));
            for (Assert.ThrowingRunnable call :
                    List.<Assert.ThrowingRunnable>of(
                            () -> ModelSummary.of(net, input),
                            () -> tensorizer.plan(net, input),
                            () -> tensorizer.convert(net, input),
                            () -> Tensorizer.merge(net, input))) {
                String message = refused(call);
                Assert.assertTrue(message.contains(part), message);
            }
        }
    }

    @Test
    public void normalisationsAndTensorialLayersNameThemselvesToo() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net =
                    new SequentialBlock().add(BatchNorm.builder().build()).add(convolution(8));
            net.initialize(manager, DataType.FLOAT32, INPUT);
            String message = refused(() -> ModelSummary.of(net, new Shape(2, 3, 6, 6)));
            Assert.assertTrue(message.contains("01BatchNorm (BatchNorm) takes 4"), message);
            tensorizer(TensorFormats.tucker2(Rank.of(2))).convert(net, INPUT);
            BlockTree.replace(net, "01BatchNorm", Blocks.identityBlock());
            String other = refused(() -> ModelSummary.of(net, new Shape(2, 3, 6, 6)));
            Assert.assertTrue(
                    other.startsWith("Layer 02Conv2d (TensorialConv2d) takes 4 channels"), other);
        }
    }

    @Test
    public void aModelWithAnOpenTrainerIsNotConverted() {
        try (Model model = Model.newInstance("training")) {
            SequentialBlock net = net(model.getNDManager(), DataType.FLOAT32);
            model.setBlock(net);
            Tensorizer tensorizer = tensorizer(TensorFormats.tucker2(Rank.of(2)));
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss());
            Trainer trainer = model.newTrainer(config);
            IllegalStateException e =
                    unharmed(
                            net,
                            model.getNDManager(),
                            IllegalStateException.class,
                            () -> tensorizer.convert(net, INPUT));
            Assert.assertTrue(e.getMessage().contains("close it"), e.getMessage());
            Assert.assertThrows(IllegalStateException.class, () -> Tensorizer.merge(net, INPUT));
            trainer.close();
            Assert.assertEquals(tensorizer.convert(net, INPUT).report().converted(), 3);
        }
    }

    @Test
    public void anInterruptedConversionLeavesTheModelAsItWas() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            Tensorizer tensorizer = tensorizer(TensorFormats.tensorRing(Rank.of(2)));
            try {
                Thread.currentThread().interrupt();
                unharmed(
                        net,
                        manager,
                        CancellationException.class,
                        () -> tensorizer.convert(net, INPUT));
                Assert.assertTrue(Thread.currentThread().isInterrupted(), "the flag is gone");
            } finally {
                Thread.interrupted();
            }
            Assert.assertEquals(tensorizer.convert(net, INPUT).report().converted(), 3);
        }
    }

    /** Ends after a number of layers. */
    private static final class Cancelling implements Progress {

        private int left = 2;

        @Override
        public void reset(String message, long max, String trailingMessage) {}

        @Override
        public void start(long initialProgress) {}

        @Override
        public void end() {}

        @Override
        public void increment(long increment) {
            if (--left == 0) {
                throw new CancellationException("enough");
            }
        }

        @Override
        public void update(long progress, String message) {}
    }

    @Test
    public void aProgressThatThrowsEndsTheConversion() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(2)))
                            .optProgress(new Cancelling())
                            .build();
            unharmed(
                    net,
                    manager,
                    CancellationException.class,
                    () -> tensorizer.convert(net, INPUT));
        }
    }

    /** A tensorizer that many share gives each model the same. */
    @Test
    public void everyConversionStartsTheSeedAnew() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tensorRing(Rank.of(2)))
                            .optFresh(true)
                            .optEvenIfLarger(true)
                            .optInitializer(TensorialInitializer.fanIn().withSeed(5))
                            .build();
            SequentialBlock one = net(manager, DataType.FLOAT32);
            SequentialBlock two = net(manager, DataType.FLOAT32);
            tensorizer.convert(one, INPUT);
            tensorizer.convert(two, INPUT);
            for (String path : BlockTree.parameters(one).keySet()) {
                if (path.contains("core")) {
                    Assert.assertEquals(
                            BlockTree.parameters(one).get(path).getArray(),
                            BlockTree.parameters(two).get(path).getArray(),
                            path);
                }
            }
        }
    }

    @Test
    public void plannerOptionsReachTheLayersAndTheReport() {
        try (NDManager manager = NDManager.newBaseManager()) {
            PlannerOptions options = PlannerOptions.standard().withObjective(Objective.MACS);
            SequentialBlock net = net(manager, DataType.FLOAT32);
            Tensorizer tensorizer =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(3)))
                            .optPlannerOptions(options)
                            .build();
            ConversionReport report = tensorizer.convert(net, INPUT).report();
            for (Block block : net.getChildren().values()) {
                if (block instanceof TensorialBlock tensorial) {
                    Assert.assertEquals(tensorial.getPlannerOptions(), options);
                }
            }
            Assert.assertEquals(ModelSummary.of(net, INPUT).macs(), report.macsAfter());
            SequentialBlock other = net(manager, DataType.FLOAT32);
            long standard =
                    Tensorizer.builder()
                            .setFormat(TensorFormats.tucker2(Rank.of(3)))
                            .build()
                            .convert(other, INPUT)
                            .report()
                            .macsAfter();
            Assert.assertTrue(report.macsAfter() < standard, report.macsAfter() + " " + standard);
        }
    }

    @Test
    public void theNetworkOfANormalisedInputTrainsFasterToo() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock network = net();
            NormalizedInput net =
                    new NormalizedInput(network, new float[] {.5f}, new float[] {.25f});
            net.initialize(manager, DataType.FLOAT32, INPUT);
            NDArray x = manager.randomUniform(0, 1, INPUT);
            NDArray expected = TinyNet.forward(net, manager, x);
            Conversion conversion =
                    tensorizer(TensorFormats.tucker2(Rank.max())).convert(net, INPUT);
            Assert.assertSame(conversion.block(), net);
            Assert.assertEquals(conversion.report().converted(), 3);
            Block inner = net.getChildren().valueAt(0);
            Assert.assertTrue(inner instanceof TensorialSequential, inner.getClass().getName());
            Assert.assertEquals(inner.getChildren().keys(), network.getChildren().keys());
            NDArray found = TinyNet.forward(net, manager, x);
            float scale = expected.abs().max().getFloat();
            Assert.assertTrue(found.sub(expected).abs().max().getFloat() <= 1e-4f * scale);
        }
    }

    /**
     * Serving must not record graphs: a conversion asks for gradients where they were asked for.
     */
    @Test
    public void gradientsAreAskedForAsBefore() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (boolean asked : new boolean[] {false, true}) {
                SequentialBlock net = net(manager, DataType.FLOAT32);
                BlockTree.parameters(net)
                        .values()
                        .forEach(p -> p.getArray().setRequiresGradient(asked));
                tensorizer(TensorFormats.tucker2(Rank.of(2))).convert(net, INPUT);
                for (Parameter parameter : BlockTree.parameters(net).values()) {
                    Assert.assertEquals(parameter.getArray().hasGradient(), asked);
                    Assert.assertTrue(parameter.requiresGradient());
                }
                Tensorizer.merge(net, INPUT);
                for (Parameter parameter : BlockTree.parameters(net).values()) {
                    Assert.assertEquals(parameter.getArray().hasGradient(), asked);
                }
            }
        }
    }

    @Test
    public void theSummaryOfARingIsNotWide() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = net(manager, DataType.FLOAT32);
            tensorizer(TensorFormats.tensorRing(Rank.of(3))).convert(net, INPUT);
            ModelSummary summary = ModelSummary.of(net, INPUT);
            int widest = summary.toString().lines().mapToInt(String::length).max().orElse(0);
            Assert.assertTrue(widest <= 110, summary.toString());
            Assert.assertTrue(summary.layers().get(0).network().contains("r1"), summary.toJson());
            Assert.assertTrue(summary.toString().endsWith(" MiB"), summary.toString());
        }
    }
}
