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
package io.github.djltcnn.training;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialSequential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Optimizers of one call against those of DJL. */
@Test(singleThreaded = true)
public class FusedOptimizersTest {

    private static final int STEPS = 200;
    private static final Shape INPUT = new Shape(4, 2, 5, 5);

    private static final ParameterTracker FALLING =
            Tracker.cosine().setBaseValue(0.05f).optFinalValue(0.001f).setMaxUpdates(STEPS).build();

    private static ParameterTracker small() {
        return (id, n) -> 0.2f * FALLING.getNewValue(id, n);
    }

    /** Pairs of optimizers that do the same. */
    @DataProvider
    public Object[][] pairs() {
        return new Object[][] {
            {
                "sgd",
                (Supplier<Optimizer>) () -> Optimizer.sgd().setLearningRateTracker(FALLING).build(),
                (Supplier<Optimizer>)
                        () -> FusedOptimizers.sgd().setLearningRateTracker(FALLING).build()
            },
            {
                "momentum, decay, rescaled",
                (Supplier<Optimizer>)
                        () ->
                                Optimizer.sgd()
                                        .setLearningRateTracker(FALLING)
                                        .optMomentum(0.9f)
                                        .optWeightDecays(1e-3f)
                                        .setRescaleGrad(0.5f)
                                        .build(),
                (Supplier<Optimizer>)
                        () ->
                                FusedOptimizers.sgd()
                                        .setLearningRateTracker(FALLING)
                                        .optMomentum(0.9f)
                                        .optWeightDecays(1e-3f)
                                        .setRescaleGrad(0.5f)
                                        .build()
            },
            {
                "adam with decay",
                (Supplier<Optimizer>)
                        () ->
                                Optimizer.adam()
                                        .optLearningRateTracker(small())
                                        .optWeightDecays(1e-3f)
                                        .build(),
                (Supplier<Optimizer>)
                        () ->
                                FusedOptimizers.adam()
                                        .optLearningRateTracker(small())
                                        .optWeightDecays(1e-3f)
                                        .build()
            },
            {
                "adamW",
                (Supplier<Optimizer>)
                        () ->
                                Optimizer.adamW()
                                        .optLearningRateTracker(small())
                                        .optBeta1(0.8f)
                                        .optBeta2(0.99f)
                                        .optEpsilon(1e-6f)
                                        .build(),
                (Supplier<Optimizer>)
                        () ->
                                FusedOptimizers.adamW()
                                        .optLearningRateTracker(small())
                                        .optBeta1(0.8f)
                                        .optBeta2(0.99f)
                                        .optEpsilon(1e-6f)
                                        .build()
            },
        };
    }

    private static SequentialBlock net(boolean tensorial) {
        Shape kernel = new Shape(3, 3);
        SequentialBlock net = tensorial ? new TensorialSequential() : new SequentialBlock();
        if (tensorial) {
            net.add(
                    TensorialConv2d.builder()
                            .setFormat(TensorFormats.tensorRing(Rank.of(3)))
                            .setKernelShape(kernel)
                            .setFilters(6)
                            .build());
        } else {
            net.add(Conv2d.builder().setKernelShape(kernel).setFilters(6).build());
        }
        return net.add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(4).build());
    }

    private static Model model(boolean tensorial, DataType type) {
        Engine.getInstance().setRandomSeed(7);
        Model model = Model.newInstance("small");
        model.setDataType(type);
        model.setBlock(net(tensorial));
        return model;
    }

    private static DefaultTrainingConfig config(Optimizer optimizer) {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()).optOptimizer(optimizer);
    }

    private static Trainer trainer(Model model, Optimizer optimizer, boolean fused) {
        Trainer trainer =
                fused
                        ? FusedTrainer.of(model, config(optimizer))
                        : model.newTrainer(config(optimizer));
        trainer.initialize(INPUT);
        return trainer;
    }

    /** One of five batches, the same in every run. */
    private static double backward(Trainer trainer, int step) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            Engine.getInstance().setRandomSeed(step % 5);
            NDArray x = manager.randomNormal(INPUT).toType(trainer.getModel().getDataType(), false);
            NDArray labels = manager.create(new float[] {0, 1, 2, 3});
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList out = trainer.forward(new NDList(x));
                NDArray loss = trainer.getLoss().evaluate(new NDList(labels), out);
                collector.backward(loss);
                return loss.toType(DataType.FLOAT64, false).getDouble();
            }
        }
    }

    private static double[] losses(Trainer trainer, int from, int to) {
        return losses(trainer, trainer::step, from, to);
    }

    private static double[] losses(Trainer trainer, Runnable step, int from, int to) {
        double[] losses = new double[to - from];
        for (int n = from; n < to; n++) {
            losses[n - from] = backward(trainer, n);
            step.run();
        }
        return losses;
    }

    private static double[] losses(
            boolean tensorial, DataType type, Optimizer optimizer, boolean fused, int steps) {
        try (Model model = model(tensorial, type);
                Trainer trainer = trainer(model, optimizer, fused)) {
            return losses(trainer, 0, steps);
        }
    }

    /** A step that asks for one update after the other; DJL's trainer refuses float64. */
    private static void oneByOne(Model model, Optimizer optimizer) {
        trainable(model)
                .forEach(
                        (path, p) -> {
                            try (NDArray gradient = p.getArray().getGradient();
                                    NDArray copy = gradient.duplicate()) {
                                optimizer.update(p.getId(), p.getArray(), copy);
                            }
                        });
    }

    private static double apart(double[] a, double[] b) {
        double most = 0;
        for (int n = 0; n < Math.min(a.length, b.length); n++) {
            most = Math.max(most, Math.abs(a[n] - b[n]));
        }
        return most;
    }

    private static FusedOptimizer momentum() {
        return FusedOptimizers.sgd()
                .setLearningRateTracker(FALLING)
                .optMomentum(0.9f)
                .optWeightDecays(1e-3f)
                .build();
    }

    @Test(dataProvider = "pairs")
    public void lossesAreThoseOfDjl(
            String name, Supplier<Optimizer> djl, Supplier<Optimizer> ours) {
        for (boolean tensorial : new boolean[] {true, false}) {
            double[] expected = losses(tensorial, DataType.FLOAT32, djl.get(), false, STEPS);
            double[] fused = losses(tensorial, DataType.FLOAT32, ours.get(), true, STEPS);
            double[] plain = losses(tensorial, DataType.FLOAT32, ours.get(), false, 20);
            Assert.assertTrue(apart(fused, expected) <= 1e-6, name + apart(fused, expected));
            Assert.assertTrue(apart(plain, expected) <= 1e-6, name + apart(plain, expected));
            Assert.assertTrue(expected[STEPS - 1] < expected[0] / 2, name + " learns");
        }
        double[] fused = losses(true, DataType.FLOAT64, ours.get(), true, STEPS);
        for (Optimizer optimizer : List.of(djl.get(), ours.get())) {
            try (Model model = model(true, DataType.FLOAT64);
                    Trainer trainer = trainer(model, optimizer, false)) {
                double[] single = losses(trainer, () -> oneByOne(model, optimizer), 0, STEPS);
                Assert.assertTrue(apart(fused, single) <= 1e-12, name + apart(fused, single));
            }
        }
    }

    /** Rates of parameters in no order, so that pieces of one parameter and of several occur. */
    @Test
    public void everyParameterHasItsRate() {
        List<double[]> found = new ArrayList<>();
        for (int run = 0; run < 3; run++) {
            try (Model model = model(true, DataType.FLOAT32)) {
                Map<String, Integer> order = new HashMap<>();
                ParameterTracker rates =
                        (id, n) ->
                                FALLING.getNewValue(id, n)
                                        * new float[] {1, 0, 0.3f, 1}[order.get(id) % 4]
                                        // From here on two of equal rates differ.
                                        * (n > 10 && order.get(id) == 3 ? 0.7f : 1);
                Optimizer optimizer =
                        run == 0
                                ? Optimizer.sgd()
                                        .setLearningRateTracker(rates)
                                        .optMomentum(0.9f)
                                        .build()
                                : FusedOptimizers.sgd()
                                        .setLearningRateTracker(rates)
                                        .optMomentum(0.9f)
                                        .build();
                try (Trainer trainer = trainer(model, optimizer, run == 1)) {
                    BlockTree.parameters(model.getBlock())
                            .values()
                            .forEach(p -> order.put(p.getId(), order.size()));
                    found.add(losses(trainer, 0, 30));
                }
            }
        }
        Assert.assertTrue(apart(found.get(1), found.get(0)) <= 1e-6);
        Assert.assertTrue(apart(found.get(2), found.get(0)) <= 1e-6);
    }

    /** The rules that DJL's engine lacks, each against the formula in float64. */
    @Test
    public void clipsAndLooksAheadByTheFormula() {
        for (boolean fused : new boolean[] {true, false}) {
            FusedOptimizers.Sgd clipped = FusedOptimizers.sgd().optClipGrad(0.01f);
            compareToFormula("clip", clipped.setLearningRateTracker(FALLING).build(), fused);
            FusedOptimizers.Sgd ahead = FusedOptimizers.sgd().optMomentum(0.9f).optNesterov(true);
            compareToFormula("ahead", ahead.setLearningRateTracker(FALLING).build(), fused);
        }
        FusedOptimizers.Sgd norm = FusedOptimizers.sgd().optClipNorm(0.05f).setRescaleGrad(0.5f);
        compareToFormula("norm", norm.setLearningRateTracker(FALLING).build(), true);
    }

    private static void compareToFormula(String name, FusedOptimizer optimizer, boolean fused) {
        try (Model model = model(true, DataType.FLOAT64);
                Trainer trainer = trainer(model, optimizer, fused)) {
            Map<String, double[]> momentum = new HashMap<>();
            for (int step = 0; step < 4; step++) {
                backward(trainer, step);
                Map<String, double[]> weights = new LinkedHashMap<>();
                Map<String, double[]> gradients = new LinkedHashMap<>();
                trainable(model)
                        .forEach(
                                (path, p) -> {
                                    weights.put(path, p.getArray().toDoubleArray());
                                    try (NDArray g = p.getArray().getGradient()) {
                                        gradients.put(path, g.toDoubleArray());
                                    }
                                });
                double squares =
                        gradients.values().stream()
                                .flatMapToDouble(Arrays::stream)
                                .map(g -> g * g)
                                .sum();
                double factor = Math.min(1, 0.05f / (0.5 * Math.sqrt(squares) + 1e-6));
                Assert.assertTrue(factor < 1, "the bound is of use");
                if (fused) {
                    trainer.step();
                } else {
                    oneByOne(model, optimizer);
                }
                for (Map.Entry<String, Parameter> entry : trainable(model).entrySet()) {
                    String path = entry.getKey();
                    double rate = FALLING.getNewValue("", step + 1);
                    double[] expected = weights.get(path);
                    double[] g = gradients.get(path);
                    double[] state = momentum.computeIfAbsent(path, k -> new double[g.length]);
                    for (int n = 0; n < g.length; n++) {
                        switch (name) {
                            case "clip" ->
                                    expected[n] -= rate * Math.max(-0.01f, Math.min(0.01f, g[n]));
                            case "norm" -> expected[n] -= rate * 0.5 * factor * g[n];
                            default -> {
                                state[n] = 0.9f * state[n] + rate * g[n];
                                expected[n] -= 0.9f * state[n] + rate * g[n];
                            }
                        }
                    }
                    Assert.assertTrue(
                            apart(entry.getValue().getArray().toDoubleArray(), expected) < 1e-12,
                            name + " " + fused + " " + path + " " + step);
                }
            }
        }
    }

    /** Ways to train. */
    @DataProvider
    public Object[][] trainers() {
        return new Object[][] {{true}, {false}};
    }

    @Test(dataProvider = "trainers")
    public void goesOnWhereAStateWasTaken(boolean fused) {
        for (boolean adam : new boolean[] {true, false}) {
            Supplier<FusedOptimizer> make =
                    () ->
                            adam
                                    ? FusedOptimizers.adamW()
                                            .optLearningRateTracker(small())
                                            .build()
                                    : momentum();
            double[] whole = losses(true, DataType.FLOAT32, make.get(), fused, 20);
            try (NDManager kept = NDManager.newBaseManager();
                    Model second = model(true, DataType.FLOAT32);
                    FusedOptimizer other = make.get()) {
                Map<String, NDArray> state;
                try (Model first = model(true, DataType.FLOAT32);
                        FusedOptimizer optimizer = make.get();
                        Trainer trainer = trainer(first, optimizer, fused);
                        Trainer resumed = trainer(second, other, fused)) {
                    losses(trainer, 0, 8);
                    state = optimizer.state(first.getBlock(), kept);
                    Map<String, Parameter> from = BlockTree.parameters(first.getBlock());
                    BlockTree.parameters(second.getBlock())
                            .forEach((path, p) -> from.get(path).getArray().copyTo(p.getArray()));
                    other.setState(second.getBlock(), state);
                    Assert.assertEquals(losses(resumed, 8, 20), Arrays.copyOfRange(whole, 8, 20));
                    // Once more, to a model that lies in one piece already.
                    losses(resumed, 20, 22);
                    losses(trainer, 8, 9);
                    Map<String, NDArray> later = optimizer.state(first.getBlock(), kept);
                    from.forEach(
                            (path, p) ->
                                    p.getArray()
                                            .copyTo(
                                                    BlockTree.parameters(second.getBlock())
                                                            .get(path)
                                                            .getArray()));
                    other.setState(second.getBlock(), later);
                    Assert.assertEquals(losses(resumed, 9, 20), Arrays.copyOfRange(whole, 9, 20));
                }
                Assert.assertEquals(state.get("05Linear.weight/updates").getLong(), 8);
                Assert.assertTrue(
                        state.containsKey(
                                "01TensorialConv2d.core1/" + (adam ? "variance" : "momentum")));
                refuses(other, second, state, "01TensorialConv2d.core1/updates", null);
                refuses(other, second, state, "nothing/updates", kept.create(1L));
                refuses(other, second, state, "05Linear.weight/updates", kept.create(1f));
                NDArray flat = kept.zeros(new Shape(3));
                String name = "05Linear.bias/" + (adam ? "mean" : "momentum");
                refuses(other, second, state, name, flat);
            }
        }
    }

    private static void refuses(
            FusedOptimizer optimizer,
            Model model,
            Map<String, NDArray> state,
            String name,
            NDArray array) {
        Map<String, NDArray> changed = new HashMap<>(state);
        if (array == null) {
            changed.remove(name);
        } else {
            changed.put(name, array);
        }
        String message =
                Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> optimizer.setState(model.getBlock(), changed))
                        .getMessage();
        Assert.assertTrue(message.contains(name), message);
    }

    /** Freezes and thaws layers on the way. */
    @Test
    public void noticesWhatIsFrozenAndThawed() {
        List<double[]> found = new ArrayList<>();
        for (int run = 0; run < 4; run++) {
            // DJL counts what is thawed as its random order wants, so the rate is fixed.
            Tracker rate = Tracker.fixed(0.05f);
            Optimizer optimizer =
                    run == 0
                            ? Optimizer.sgd().setLearningRateTracker(rate).optMomentum(0.9f).build()
                            : FusedOptimizers.sgd()
                                    .setLearningRateTracker(rate)
                                    .optMomentum(0.9f)
                                    .build();
            try (Model model = model(true, DataType.FLOAT32);
                    Trainer trainer = trainer(model, optimizer, run == 1)) {
                Parameter core =
                        BlockTree.parameters(model.getBlock()).get("01TensorialConv2d.core2");
                core.freeze(true);
                double[] all = new double[24];
                for (int n = 0; n < all.length; n++) {
                    float[] before = core.getArray().toFloatArray();
                    all[n] = losses(trainer, n, n + 1)[0];
                    boolean frozen = n < 6 || (n >= 12 && n < 18);
                    Assert.assertEquals(
                            Arrays.equals(core.getArray().toFloatArray(), before), frozen);
                    core.freeze(n + 1 < 6 || (n + 1 >= 12 && n + 1 < 18));
                }
                found.add(all);
            }
        }
        // DJL's trainers ask in a random order, so once more.
        for (double[] losses : found) {
            Assert.assertTrue(apart(losses, found.get(0)) <= 1e-6);
        }
    }

    @Test(dataProvider = "trainers")
    public void servesSeveralTrainers(boolean fused) {
        double[] expected = losses(true, DataType.FLOAT32, momentum(), fused, 10);
        try (FusedOptimizer optimizer = momentum();
                Model a = model(true, DataType.FLOAT32);
                Trainer first = trainer(a, optimizer, fused);
                Model b = model(true, DataType.FLOAT32);
                Trainer second = trainer(b, optimizer, fused)) {
            for (int n = 0; n < 10; n++) {
                // A gradient of the second that waits for its own step.
                double waiting = backward(second, n);
                Assert.assertEquals(losses(first, n, n + 1)[0], expected[n], 1e-6);
                Assert.assertEquals(waiting, expected[n], 1e-6);
                second.step();
            }
        }
    }

    /** Somebody gives arrays other memory: numbers set from a buffer. */
    @Test(dataProvider = "trainers")
    public void takesBackWhatWasMoved(boolean fused) {
        try (Model model = model(true, DataType.FLOAT32);
                Trainer trainer = trainer(model, momentum(), fused)) {
            losses(trainer, 0, 4);
            Parameter bias = BlockTree.parameters(model.getBlock()).get("05Linear.bias");
            float[] numbers = {1, 2, 3, 4};
            bias.getArray().set(numbers);
            Assert.assertEquals(bias.getArray().toFloatArray(), numbers);
            losses(trainer, 4, 6);
            float[] moved = bias.getArray().toFloatArray();
            Assert.assertNotEquals(moved[0], 1f);
            Assert.assertEquals(moved[0], 1, 0.5);
            losses(trainer, 6, 7);
            Assert.assertNotEquals(bias.getArray().toFloatArray()[0], moved[0]);
        }
    }

    @Test
    public void accumulatesGradients() {
        List<float[]> found = new ArrayList<>();
        for (boolean fused : new boolean[] {true, false}) {
            try (Model model = model(true, DataType.FLOAT32);
                    Trainer trainer = trainer(model, momentum(), fused)) {
                for (int n = 0; n < 12; n++) {
                    backward(trainer, n);
                    if (n % 3 == 2) {
                        trainer.step();
                    }
                }
                found.add(
                        BlockTree.parameters(model.getBlock())
                                .get("05Linear.weight")
                                .getArray()
                                .toFloatArray());
            }
        }
        Assert.assertEquals(found.get(0), found.get(1));
    }

    /** Files and predictions after training are those of the parameters. */
    @Test
    public void savesWhatItTrained() throws IOException, MalformedModelException {
        Path folder = Files.createTempDirectory("fused");
        try (Model model = model(true, DataType.FLOAT32);
                Trainer trainer = trainer(model, momentum(), true);
                Model loaded = model(true, DataType.FLOAT32)) {
            losses(trainer, 0, 5);
            model.save(folder, "small");
            loaded.load(folder, "small");
            Map<String, Parameter> other = BlockTree.parameters(loaded.getBlock());
            BlockTree.parameters(model.getBlock())
                    .forEach(
                            (path, p) ->
                                    Assert.assertEquals(
                                            other.get(path).getArray().toFloatArray(),
                                            p.getArray().toFloatArray(),
                                            path));
            try (Trainer again = FusedTrainer.of(loaded, config(momentum()))) {
                again.initialize(INPUT);
                Assert.assertEquals(losses(again, 0, 1)[0], backward(trainer, 5), 1e-6);
            }
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    /** Nothing is left with the model, whose manager takes no more arrays. */
    @Test
    @SuppressWarnings("try") // closed twice on purpose
    public void leavesNothingBehind() {
        try (Model model = model(true, DataType.FLOAT32);
                FusedOptimizer optimizer = momentum();
                Trainer trainer = trainer(model, optimizer, true)) {
            model.getNDManager().cap();
            losses(trainer, 0, 3);
            int arrays = model.getNDManager().getManagedArrays().size();
            losses(trainer, 3, 6);
            Assert.assertEquals(model.getNDManager().getManagedArrays().size(), arrays);
            float[] before = parameters(model);
            optimizer.close();
            Assert.assertEquals(parameters(model), before);
            Assert.assertThrows(IllegalStateException.class, () -> losses(trainer, 6, 7));
        }
    }

    private static float[] parameters(Model model) {
        return BlockTree.parameters(model.getBlock())
                .get("05Linear.weight")
                .getArray()
                .toFloatArray();
    }

    @Test
    public void trainsInAnotherThread() throws InterruptedException {
        double[] expected = losses(true, DataType.FLOAT32, momentum(), true, 5);
        for (boolean fused : new boolean[] {true, false}) {
            List<double[]> found = new ArrayList<>();
            Thread thread =
                    new Thread(
                            () -> found.add(losses(true, DataType.FLOAT32, momentum(), fused, 5)));
            thread.start();
            thread.join();
            Assert.assertTrue(apart(found.get(0), expected) <= 1e-6);
        }
    }

    @Test
    public void mixesDataTypes() {
        try (NDManager manager = NDManager.newBaseManager();
                FusedOptimizer ours = momentum()) {
            Map<DataType, Double> close =
                    Map.of(DataType.FLOAT16, 2e-3, DataType.FLOAT32, 1e-6, DataType.FLOAT64, 1e-12);
            List<Parameter> all = new ArrayList<>();
            for (DataType type : close.keySet()) {
                Parameter p =
                        Parameter.builder()
                                .setName(type.name())
                                .setType(Parameter.Type.OTHER)
                                .optArray(manager.ones(new Shape(3)).toType(type, true))
                                .build();
                p.getArray().setRequiresGradient(true);
                all.add(p);
            }
            for (int step = 1; step < 4; step++) {
                for (Parameter p : all) {
                    try (GradientCollector collector = Engine.getInstance().newGradientCollector();
                            NDArray loss = p.getArray().square().sum()) {
                        collector.backward(loss);
                    }
                }
                ours.step(all, manager, true);
            }
            for (Parameter p : all) {
                double w = 1;
                double s = 0;
                for (int step = 1; step < 4; step++) {
                    s = 0.9f * s + FALLING.getNewValue("", step) * (2 * w + 1e-3f * w);
                    w -= s;
                }
                DataType type = p.getArray().getDataType();
                double[] found = p.getArray().toType(DataType.FLOAT64, true).toDoubleArray();
                Assert.assertEquals(found[2], w, close.get(type), type.name());
            }
        }
    }

    @Test
    public void refusesWhatItCannotDo() {
        FusedOptimizers.Sgd sgd = FusedOptimizers.sgd().setLearningRateTracker(FALLING);
        Assert.assertThrows(IllegalArgumentException.class, () -> sgd.optMomentum(1));
        Assert.assertThrows(IllegalArgumentException.class, () -> sgd.optClipNorm(0));
        Assert.assertThrows(IllegalArgumentException.class, () -> sgd.optClipGrad(Float.NaN));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () ->
                        FusedOptimizers.sgd()
                                .setLearningRateTracker(FALLING)
                                .optNesterov(true)
                                .build());
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> FusedOptimizers.adam().optClipNorm(1).optClipGrad(1).build());
        Assert.assertThrows(NullPointerException.class, () -> FusedOptimizers.sgd().build());
        try (Model model = model(true, DataType.FLOAT32)) {
            Assert.assertThrows(
                    IllegalArgumentException.class,
                    () -> FusedTrainer.of(model, config(Optimizer.adam().build())));
            FusedOptimizer bounded = FusedOptimizers.adam().optClipNorm(1).build();
            try (Trainer trainer = trainer(model, bounded, false)) {
                String message =
                        Assert.expectThrows(
                                        IllegalStateException.class, () -> losses(trainer, 0, 1))
                                .getMessage();
                Assert.assertTrue(message.contains("FusedTrainer"), message);
            }
            try (Trainer trainer = trainer(model, momentum(), true)) {
                clearGradients(model);
                Assert.assertThrows(IllegalStateException.class, trainer::step);
            }
            FusedOptimizer wild =
                    FusedOptimizers.sgd().setLearningRateTracker((id, n) -> Float.NaN).build();
            try (Trainer trainer = trainer(model, wild, true)) {
                Assert.assertThrows(IllegalArgumentException.class, () -> losses(trainer, 0, 1));
            }
        }
    }

    private static void clearGradients(Model model) {
        trainable(model)
                .values()
                .forEach(
                        p -> {
                            try (NDArray gradient = p.getArray().getGradient()) {
                                gradient.subi(gradient);
                            }
                        });
    }

    private static Map<String, Parameter> trainable(Model model) {
        Map<String, Parameter> all = new LinkedHashMap<>(BlockTree.parameters(model.getBlock()));
        all.values().removeIf(p -> !p.requiresGradient());
        return all;
    }
}
