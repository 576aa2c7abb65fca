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
package io.github.djltcnn.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;

/**
 * Residual networks of the published sizes, built of DJL's own blocks and nothing else: what the
 * tensorial networks are measured against.
 */
final class StockResNet {

    private static final NDIndex EVERY_SECOND = new NDIndex(":, :, ::2, ::2");

    private StockResNet() {}

    /** The network for small images: 6n+2 layers, shortcuts without parameters. */
    static Block cifar(int layers, int classes) {
        SequentialBlock net = new SequentialBlock();
        convolution(net, 3, 16, 1).add(Activation.reluBlock());
        int units = (layers - 2) / 6;
        for (int stage = 0; stage < 3; stage++) {
            for (int unit = 0; unit < units; unit++) {
                boolean first = stage > 0 && unit == 0;
                Block shortcut = first ? padded(16 << stage) : Blocks.identityBlock();
                unit(net, 16 << stage, first ? 2 : 1, shortcut);
            }
        }
        return head(net, classes);
    }

    /** The network for large images: basic units, projection shortcuts. */
    static Block imageNet(List<Integer> units, int classes) {
        SequentialBlock net = new SequentialBlock();
        convolution(net, 7, 64, 2)
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)));
        for (int stage = 0; stage < units.size(); stage++) {
            for (int unit = 0; unit < units.get(stage); unit++) {
                boolean first = stage > 0 && unit == 0;
                Block shortcut =
                        first
                                ? convolution(new SequentialBlock(), 1, 64 << stage, 2)
                                : Blocks.identityBlock();
                unit(net, 64 << stage, first ? 2 : 1, shortcut);
            }
        }
        return head(net, classes);
    }

    private static void unit(SequentialBlock net, int filters, int stride, Block shortcut) {
        SequentialBlock body = new SequentialBlock();
        convolution(body, 3, filters, stride).add(Activation.reluBlock());
        convolution(body, 3, filters, 1);
        net.add(new ParallelBlock(StockResNet::sum, List.of(body, shortcut)));
        net.add(Activation.reluBlock());
    }

    private static NDList sum(List<NDList> branches) {
        return new NDList(branches.get(0).head().add(branches.get(1).head()));
    }

    private static SequentialBlock convolution(
            SequentialBlock block, int size, int filters, int stride) {
        return block.add(
                        Conv2d.builder()
                                .setKernelShape(new Shape(size, size))
                                .setFilters(filters)
                                .optStride(new Shape(stride, stride))
                                .optPadding(new Shape(size / 2, size / 2))
                                .optBias(false)
                                .build())
                .add(BatchNorm.builder().build());
    }

    private static Block padded(long channels) {
        return LambdaBlock.singleton(
                x -> {
                    long missing = channels - x.getShape().get(1);
                    NDArray thinned = x.get(EVERY_SECOND);
                    return thinned.pad(
                            new Shape(0, 0, 0, 0, missing / 2, missing - missing / 2), 0);
                });
    }

    private static Block head(SequentialBlock net, int classes) {
        return net.add(Pool.globalAvgPool2dBlock()).add(Linear.builder().setUnits(classes).build());
    }
}
