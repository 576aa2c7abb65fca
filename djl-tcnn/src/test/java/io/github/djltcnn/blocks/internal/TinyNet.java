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

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A small residual network of DJL's own blocks: two branches, batch norm, a linear head. */
public final class TinyNet implements BlockFactory {

    private static final long serialVersionUID = 1L;

    /** Images of three channels. */
    public static final Shape INPUT = new Shape(2, 3, 8, 8);

    /** Paths of its layers with a kernel. */
    public static final List<String> PATHS =
            List.of(
                    "01Conv2d",
                    "04ParallelBlock.01SequentialBlock.01Conv2d",
                    "04ParallelBlock.02Conv2d",
                    "06Linear");

    /** Says how many classes there are by the argument {@code classes}. */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
        Object classes = arguments.get("classes");
        return block(classes == null ? 4 : (int) Double.parseDouble(classes.toString()));
    }

    public static SequentialBlock block(int classes) {
        return new SequentialBlock()
                .add(convolution(3, 8, 1, true))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(
                        new ParallelBlock(
                                branches ->
                                        new NDList(
                                                branches.get(0)
                                                        .singletonOrThrow()
                                                        .add(branches.get(1).singletonOrThrow())),
                                List.of(
                                        new SequentialBlock()
                                                .add(convolution(3, 12, 2, false))
                                                .add(BatchNorm.builder().build()),
                                        convolution(1, 12, 2, false))))
                .add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(classes).build());
    }

    private static Conv2d convolution(int size, int filters, int stride, boolean bias) {
        return Conv2d.builder()
                .setKernelShape(new Shape(size, size))
                .setFilters(filters)
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(size / 2, size / 2))
                .optBias(bias)
                .build();
    }

    /** A network with random parameters, biases and statistics included. */
    public static SequentialBlock initialized(NDManager manager) {
        SequentialBlock block = block(4);
        block.initialize(manager, DataType.FLOAT32, INPUT);
        block.getParameters()
                .values()
                .forEach(
                        p -> {
                            NDArray noise = manager.randomUniform(0.1f, 0.9f, p.getShape());
                            if (p.getShape().dimension() > 1) {
                                noise.subi(0.5f);
                            }
                            noise.copyTo(p.getArray());
                            noise.close();
                        });
        return block;
    }

    public static NDArray forward(Block block, NDManager parameters, NDArray x) {
        ParameterStore store = new ParameterStore(parameters, false);
        return block.forward(store, new NDList(x), false).singletonOrThrow();
    }
}
