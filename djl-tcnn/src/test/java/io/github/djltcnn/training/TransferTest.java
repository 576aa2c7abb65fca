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

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
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
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.CoreSpectrum;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Rates of the dense network, transferred to tensorial ones. */
@SuppressWarnings("try") // models are closed for their arrays
public class TransferTest {

    private static final Shape INPUT = new Shape(2, 8, 5, 5);

    /** Formats of cores from one to many, and their number of cores. */
    @DataProvider
    public Object[][] formats() {
        return new Object[][] {
            {TensorFormats.dense()},
            {TensorFormats.cp(Rank.of(5))},
            {TensorFormats.tucker2(Rank.of(3))},
            {TensorFormats.tensorTrain(Rank.of(3))},
            {TensorFormats.tensorRing(Rank.of(4))},
            {TensorFormats.blockTerm(2, Rank.of(3))},
            {TensorFormats.graph("i r=8, r h w, r o")},
        };
    }

    private static TensorialConv2d layer(TensorFormat format) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(12)
                .optPadding(new Shape(1, 1))
                .build();
    }

    private static Model model(Block block) {
        Model model = Model.newInstance("transfer");
        model.setBlock(block);
        block.setInitializer(TensorialInitializer.fanIn().withSeed(3), Parameter.Type.WEIGHT);
        block.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
        return model;
    }

    private static List<Parameter> cores(TensorialBlock layer) {
        return layer.getDirectParameters().values().stream()
                .filter(parameter -> parameter.getType() == Parameter.Type.WEIGHT)
                .toList();
    }

    private static List<CoreSpectrum> spectra(TensorialBlock layer) {
        List<double[]> entries = new ArrayList<>();
        for (NDArray core : layer.getCores()) {
            try (NDArray wide = core.toType(DataType.FLOAT64, true)) {
                entries.add(wide.toDoubleArray());
            }
        }
        return CoreSpectrum.of(layer.getNetwork(), entries);
    }

    @Test(dataProvider = "formats")
    public void theCoresTogetherStepAsADenseKernel(TensorFormat format) {
        TensorialConv2d layer = layer(format);
        try (Model model = model(layer)) {
            int arrays = model.getNDManager().getManagedArrays().size();
            List<CoreSpectrum> spectra = spectra(layer);
            List<Parameter> cores = cores(layer);
            for (StepKind kind : StepKind.values()) {
                LearningRates rates = LearningRates.transfer(layer, Tracker.fixed(0.5f), kind);
                double square = 0;
                double along = 0;
                double first = 0;
                for (int n = 0; n < spectra.size(); n++) {
                    double own = rates.getNewValue(cores.get(n).getId(), 1) / 0.5;
                    own *= kind.length(spectra.get(n));
                    first = n == 0 ? own : first;
                    Assert.assertEquals(own, first, 1e-5, "equal steps");
                    square += own * own;
                    along += own * kind.cosine(spectra.get(n));
                    for (int m = 0; m < n; m++) {
                        double cosines = kind.cosine(spectra.get(n)) * kind.cosine(spectra.get(m));
                        square += 2 * own * own * cosines;
                    }
                }
                // Its length times its part along the gradient; for signs its length alone.
                double size = kind == StepKind.GRADIENT ? Math.sqrt(square) * along : square;
                Assert.assertEquals(size, 1, 1e-5);
                Assert.assertEquals(
                        rates.factor(BlockTree.parameters(layer).get("bias").getId()), 1f);
            }
            Assert.assertEquals(model.getNDManager().getManagedArrays().size(), arrays);
        }
    }

    /** Dense layers, biases and batch normalisations keep the rate. */
    @Test
    public void everythingElseKeepsTheRate() {
        SequentialBlock net =
                new SequentialBlock()
                        .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(4).build())
                        .add(BatchNorm.builder().build())
                        .add(layer(TensorFormats.dense()))
                        .add(Linear.builder().setUnits(3).build());
        try (Model model = model(net)) {
            for (StepKind kind : StepKind.values()) {
                LearningRates rates = LearningRates.transfer(net, Tracker.fixed(1f), kind);
                BlockTree.parameters(net)
                        .forEach(
                                (path, parameter) ->
                                        Assert.assertEquals(
                                                rates.factor(parameter.getId()), 1f, 1e-6f, path));
            }
            Assert.assertEquals(
                    LearningRates.transfer(net, Tracker.fixed(1f), StepKind.SIGN).factor("unknown"),
                    1f);
        }
    }

    /** Cores that were trained far apart: the kernel is the same, and so is its step. */
    @Test
    public void unequalCoresTakeUnequalRates() {
        TensorialConv2d layer = layer(TensorFormats.tucker2(Rank.of(3)));
        try (Model model = model(layer)) {
            List<Parameter> cores = cores(layer);
            ParameterTracker one = Tracker.fixed(1f);
            LearningRates before = LearningRates.transfer(layer, one, StepKind.GRADIENT);
            scale(cores.get(0).getArray(), 10);
            scale(cores.get(1).getArray(), 0.1);
            LearningRates after = LearningRates.transfer(layer, one, StepKind.GRADIENT);
            double[] factors = {100, 0.01, 1};
            for (int n = 0; n < 3; n++) {
                String id = cores.get(n).getId();
                Assert.assertEquals(
                        after.factor(id), factors[n] * before.factor(id), 1e-4 * after.factor(id));
            }
        }
    }

    private static void scale(NDArray array, double factor) {
        boolean trained = array.hasGradient();
        array.setRequiresGradient(false);
        array.muli(factor);
        array.setRequiresGradient(trained);
    }

    @Test
    public void frozenCoresLeaveTheirPartToTheOthers() {
        TensorialLinear layer =
                TensorialLinear.builder()
                        .setFormat(TensorFormats.graph("i r=3, r r2=2, r2 o"))
                        .setUnits(6)
                        .build();
        try (Model model = Model.newInstance("frozen")) {
            layer.initialize(model.getNDManager(), DataType.FLOAT64, new Shape(2, 5));
            List<Parameter> cores = cores(layer);
            cores.get(0).freeze(true);
            cores.get(1).freeze(true);
            LearningRates rates = LearningRates.transfer(layer, Tracker.fixed(1f), StepKind.SIGN);
            double expected = 1 / StepKind.SIGN.length(spectra(layer).get(2));
            Assert.assertEquals(rates.factor(cores.get(2).getId()), expected, 1e-5 * expected);
        }
    }

    /** A layer that starts at 0 by one of its cores: the only one that has a gradient. */
    @Test
    public void aCoreOfZeros() {
        TensorialConv2d layer = layer(TensorFormats.graph("i r=4, r h w o"));
        try (Model model = model(layer)) {
            List<Parameter> cores = cores(layer);
            scale(cores.get(1).getArray(), 0);
            LearningRates rates =
                    LearningRates.transfer(layer, Tracker.fixed(1f), StepKind.GRADIENT);
            CoreSpectrum only = spectra(layer).get(1);
            double expected =
                    1 / StepKind.GRADIENT.length(only) / Math.sqrt(StepKind.GRADIENT.cosine(only));
            Assert.assertEquals(rates.factor(cores.get(1).getId()), expected, 1e-5 * expected);
            Assert.assertEquals(rates.factor(cores.get(0).getId()), expected, 1e-5 * expected);
            scale(cores.get(0).getArray(), 0);
            LearningRates none =
                    LearningRates.transfer(layer, Tracker.fixed(1f), StepKind.GRADIENT);
            Assert.assertEquals(none.factor(cores.get(0).getId()), 1f);
        }
    }

    /** At the updates 1, 2, 4, 8 .. 64 and every 64 from there on. */
    @Test
    public void factorsFollowTheCores() {
        TensorialConv2d layer = layer(TensorFormats.graph("i r=4, r h w o"));
        try (Model model = model(layer)) {
            List<Parameter> cores = cores(layer);
            String id = cores.get(0).getId();
            LearningRates rates =
                    LearningRates.transfer(layer, Tracker.fixed(1f), StepKind.GRADIENT);
            float first = rates.factor(id);
            List<Integer> seen = new ArrayList<>();
            float last = first;
            for (int update = 1; update <= 200; update++) {
                scale(cores.get(1).getArray(), 0.99);
                float now = rates.getNewValue(id, update);
                if (now != last) {
                    seen.add(update);
                    double expected = first * Math.pow(0.99, -2.0 * update);
                    Assert.assertEquals(now, expected, 1e-3 * expected);
                }
                Assert.assertEquals(rates.getNewValue(id, update), now);
                last = now;
            }
            Assert.assertEquals(seen, List.of(1, 2, 4, 8, 16, 32, 64, 128, 192));
        }
    }

    /** In a training of DJL: the change of every core is its rate times its gradient. */
    @Test
    public void aTrainerStepsByThem() {
        TensorialConv2d layer = layer(TensorFormats.tensorRing(Rank.of(3)));
        try (Model model = model(layer)) {
            LearningRates rates =
                    LearningRates.transfer(layer, Tracker.fixed(0.25f), StepKind.GRADIENT);
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.l2Loss())
                            .optOptimizer(Optimizer.sgd().setLearningRateTracker(rates).build());
            try (Trainer trainer = model.newTrainer(config);
                    NDManager manager = model.getNDManager().newSubManager()) {
                trainer.initialize(INPUT);
                NDArray x = manager.randomNormal(INPUT);
                Map<String, float[]> gradients = new TreeMap<>();
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDList out = trainer.forward(new NDList(x));
                    collector.backward(
                            trainer.getLoss().evaluate(new NDList(out.get(0).zerosLike()), out));
                }
                Map<String, float[]> before = new TreeMap<>();
                for (Parameter core : cores(layer)) {
                    before.put(core.getId(), core.getArray().toFloatArray());
                    gradients.put(core.getId(), core.getArray().getGradient().toFloatArray());
                }
                trainer.step();
                for (Parameter core : cores(layer)) {
                    float[] after = core.getArray().toFloatArray();
                    float factor = rates.factor(core.getId());
                    Assert.assertTrue(Math.abs(factor - 1) > 0.01, "says something");
                    for (int n = 0; n < after.length; n++) {
                        float step = 0.25f * factor * gradients.get(core.getId())[n];
                        float expected = before.get(core.getId())[n] - step;
                        Assert.assertEquals(after[n], expected, 1e-5f);
                    }
                }
            }
        }
    }

    @Test
    public void whatIsNotInitialisedIsRefused() {
        TensorialConv2d layer = layer(TensorFormats.cp(Rank.of(2)));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> LearningRates.transfer(layer, Tracker.fixed(1f), StepKind.SIGN));
        Assert.expectThrows(
                NullPointerException.class,
                () -> LearningRates.transfer(layer, Tracker.fixed(1f), null));
    }
}
