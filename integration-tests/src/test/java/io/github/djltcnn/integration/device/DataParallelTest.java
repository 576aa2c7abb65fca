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
package io.github.djltcnn.integration.device;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;
import io.github.djltcnn.nn.TensorialSequential;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * Training and prediction with several copies of the parameters, as a trainer of several devices
 * has them: one block, one copy per device, a share of the batch each. Here all copies are on the
 * CPU. DJL knows one CPU and refuses the same device twice, so its trainer and the transfers
 * between devices are not part of this test.
 */
public class DataParallelTest {

    private static final Shape ONE = new Shape(4, 6, 6);
    private static final int BATCH = 6;

    /** Two layers of one structure, whose cores are contracted together, and a third. */
    private static TensorialSequential block(NDManager manager, DataType type) {
        TensorialSequential block = new TensorialSequential();
        block.add(convolution("first"))
                .add(Activation.reluBlock())
                .add(convolution("second"))
                .add(Blocks.batchFlattenBlock())
                .add(
                        TensorialLinear.builder()
                                .setFormat(TensorFormats.tensorTrain(Rank.of(3)))
                                .setUnits(3)
                                .build());
        block.initialize(manager, type, new Shape(BATCH).addAll(ONE));
        return block;
    }

    private static TensorialConv2d convolution(String name) {
        return TensorialConv2d.builder()
                .setFormat(TensorFormats.tensorRing(Rank.of(3)))
                .setKernelShape(new Shape(3, 3))
                .setFilters(4)
                .optPadding(new Shape(1, 1))
                .optName(name)
                .build();
    }

    /** One copy of the parameters of a block. */
    private static final class Replica extends ParameterStore {

        private final Map<String, NDArray> copies = new HashMap<>();

        Replica(TensorialSequential block, NDManager manager) {
            for (Parameter parameter : block.getParameters().values()) {
                NDArray copy = parameter.getArray().duplicate();
                copy.attach(manager);
                copies.put(parameter.getId(), copy);
            }
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            NDArray copy = copies.get(parameter.getId());
            if (training && !copy.hasGradient()) {
                copy.setRequiresGradient(true);
            }
            return copy;
        }

        NDArray copy(Parameter parameter) {
            return copies.get(parameter.getId());
        }
    }

    /** What a trainer with an executor does: a thread per device, the gradients added up. */
    @Test
    public void sharesOfABatchAddUpToItsGradients() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialSequential block = block(manager, DataType.FLOAT64);
            NDArray x = manager.randomNormal(0, 1, new Shape(BATCH).addAll(ONE), DataType.FLOAT64);
            Replica whole = new Replica(block, manager);
            List<Replica> replicas =
                    List.of(new Replica(block, manager), new Replica(block, manager));
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                collector.backward(loss(block, whole, x));
                for (int round = 0; round < 2; round++) {
                    List<Future<?>> shares = new ArrayList<>();
                    for (int n = 0; n < 2; n++) {
                        Replica replica = replicas.get(n);
                        NDArray share = x.get(n + "::2");
                        shares.add(
                                pool.submit(() -> collector.backward(loss(block, replica, share))));
                    }
                    for (Future<?> share : shares) {
                        share.get();
                    }
                }
            }
            for (Parameter parameter : block.getParameters().values()) {
                NDArray expected = whole.copy(parameter).getGradient();
                NDArray found =
                        replicas.get(0)
                                .copy(parameter)
                                .getGradient()
                                .add(replicas.get(1).copy(parameter).getGradient())
                                .div(2); // each share twice
                double largest = expected.abs().max().getDouble();
                double off = found.sub(expected).abs().max().getDouble();
                Assert.assertTrue(largest > 0, parameter.getName());
                Assert.assertTrue(off < 1e-10 * largest, parameter.getName() + " is off by " + off);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static NDArray loss(TensorialSequential block, ParameterStore store, NDArray x) {
        NDArray y = block.forward(store, new NDList(x), true).singletonOrThrow();
        return y.square().sum();
    }

    /** Every copy has kept weights of its own, and none pushes those of another out. */
    @Test
    public void copiesKeepTheirOwnWeights() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorialSequential block = block(manager, DataType.FLOAT32);
            NDArray x = manager.randomNormal(new Shape(BATCH).addAll(ONE));
            Replica first = new Replica(block, manager);
            Replica second = new Replica(block, manager);
            float[] expected = predict(block, first, x);
            long one = keptBytes(block);
            Assert.assertTrue(one > 0);
            Assert.assertEquals(predict(block, second, x), expected);
            Assert.assertEquals(keptBytes(block), 2 * one);
            for (int round = 0; round < 3; round++) {
                Assert.assertEquals(predict(block, first, x), expected);
                Assert.assertEquals(predict(block, second, x), expected);
            }
            Assert.assertEquals(keptBytes(block), 2 * one);
            // One copy is changed in place: it predicts anew, the other as before.
            Parameter core = block.getParameters().get(0).getValue();
            second.copy(core).muli(2);
            Assert.assertNotEquals(predict(block, second, x), expected);
            Assert.assertEquals(predict(block, first, x), expected);
        }
    }

    private static float[] predict(TensorialSequential block, ParameterStore store, NDArray x) {
        try (NDList y = block.forward(store, new NDList(x), false)) {
            return y.singletonOrThrow().toFloatArray();
        }
    }

    private static long keptBytes(TensorialSequential block) {
        return block.getChildren().values().stream()
                .filter(TensorialBlock.class::isInstance)
                .mapToLong(layer -> ((TensorialBlock) layer).keptBytes())
                .sum();
    }
}
