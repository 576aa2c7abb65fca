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
package io.github.djltcnn.blocks.internal;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.BlockList;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import io.github.djltcnn.nn.TensorialSequential;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Fails where a release of DJL keeps its fields elsewhere, or calls its forward pass otherwise. */
public class DjlInternalsTest {

    @Test
    public void childrenAreTheListThatTheBlockRuns() {
        AbstractBlock block = new SequentialBlock().add(Activation.reluBlock());
        BlockList children = DjlInternals.children(block);
        Assert.assertEquals(children.keys(), block.getChildren().keys());
        children.remove(0);
        children.add("01Negative", Blocks.identityBlock());
        Assert.assertEquals(block.getChildren().keys(), List.of("01Negative"));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList x = new NDList(manager.create(-1f));
            NDList y = block.forward(new ParameterStore(manager, false), x, false);
            Assert.assertEquals(y.singletonOrThrow().getFloat(), -1f);
        }
    }

    @Test
    public void theFunctionOfAParallelBlockIsTheOneItWasGiven() {
        ParallelBlock block = new ParallelBlock(outputs -> outputs.get(1));
        NDList first = new NDList();
        NDList second = new NDList();
        Assert.assertSame(DjlInternals.function(block).apply(List.of(first, second)), second);
    }

    @Test
    public void theSettingsOfABatchNormAreThoseItWasBuiltWith() {
        BatchNorm norm =
                BatchNorm.builder()
                        .optAxis(2)
                        .optEpsilon(0.25f)
                        .optMomentum(0.75f)
                        .optCenter(false)
                        .optScale(false)
                        .build();
        Assert.assertEquals(DjlInternals.axis(norm), 2);
        Assert.assertEquals(DjlInternals.epsilon(norm), 0.25f);
        Assert.assertEquals(DjlInternals.momentum(norm), 0.75f);
        Assert.assertFalse(DjlInternals.center(norm));
        Assert.assertFalse(DjlInternals.scale(norm));
        BatchNorm other = BatchNorm.builder().build();
        Assert.assertTrue(DjlInternals.center(other) && DjlInternals.scale(other));
    }

    /** The classes whose forward pass the library knows, each of which declares its own. */
    @DataProvider
    public Object[][] forwards() {
        return new Object[][] {
            {SequentialBlock.class},
            {ParallelBlock.class},
            {TensorialSequential.class},
            {Convolution.class},
            {Linear.class},
            {BatchNorm.class},
        };
    }

    @Test(dataProvider = "forwards")
    public void eachKnownBlockDeclaresTheForwardPass(Class<?> type) {
        Class<?> declaring =
                DjlInternals.declaresForward(
                        type, ParameterStore.class, NDList.class, boolean.class, PairList.class);
        Assert.assertSame(declaring, type);
        Class<?> withLabels =
                DjlInternals.declaresForward(
                        type, ParameterStore.class, NDList.class, NDList.class, PairList.class);
        Assert.assertNotNull(withLabels, "the forward pass with labels has another name");
        Assert.assertTrue(withLabels.isAssignableFrom(type));
    }

    @Test
    public void shapesOfUnknownMethodsAreNobodys() {
        Assert.assertNull(DjlInternals.declaresForward(SequentialBlock.class, Shape.class));
    }

    /** Optimizers with the slots of their state. */
    @DataProvider
    public Object[][] optimizers() {
        return new Object[][] {
            {
                Optimizer.sgd().setLearningRateTracker(Tracker.fixed(.1f)).optMomentum(.9f).build(),
                Set.of("momentumStates")
            },
            {Optimizer.adam().build(), Set.of("means", "variances")},
            {Optimizer.adamW().build(), Set.of("means", "variances")},
        };
    }

    @Test(dataProvider = "optimizers")
    public void theStateOfAnOptimizerIsTheOneItUses(Optimizer optimizer, Set<String> slots) {
        Map<String, Map<String, Map<Device, NDArray>>> states =
                DjlInternals.optimizerStates(optimizer);
        Assert.assertEquals(states.keySet(), slots);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray weight = manager.create(new float[] {1, 2});
            optimizer.update("p", weight, manager.create(new float[] {.5f, -.5f}));
            states.values()
                    .forEach(
                            slot -> {
                                NDArray state = slot.get("p").get(weight.getDevice());
                                Assert.assertNotEquals(state.getFloat(0), 0f);
                            });
            Assert.assertEquals(DjlInternals.updateCounts(optimizer), Map.of("p", 1));
            DjlInternals.setUpdateCounts(optimizer, Map.of("p", 41));
            optimizer.update("p", weight, manager.create(new float[] {.5f, -.5f}));
            Assert.assertEquals(DjlInternals.updateCounts(optimizer), Map.of("p", 42));
        }
    }

    @Test
    public void anUnknownOptimizerHasNoStateToRead() {
        Optimizer unknown =
                new Optimizer(Adam.builder()) {
                    @Override
                    public void update(String id, NDArray weight, NDArray gradient) {}
                };
        Assert.assertNull(DjlInternals.optimizerStates(unknown));
    }

    /** DJL takes gradients whose sum is zero for none. */
    @Test
    public void aTrainerBelievesThatThereAreGradients() {
        try (Model model = Model.newInstance("sum")) {
            model.setBlock(Linear.builder().setUnits(2).optBias(false).build());
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.l2Loss())
                            .optOptimizer(
                                    Optimizer.sgd()
                                            .setLearningRateTracker(Tracker.fixed(.1f))
                                            .build());
            for (boolean skip : new boolean[] {false, true}) {
                try (Trainer trainer = model.newTrainer(config)) {
                    trainer.initialize(new Shape(1, 1));
                    if (skip) {
                        DjlInternals.skipGradientCheck(trainer);
                        trainer.step();
                    } else {
                        Assert.assertThrows(IllegalStateException.class, trainer::step);
                    }
                }
            }
        }
    }
}
