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
package io.github.djltcnn.compression;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.dataset.ArrayDataset;

/** Small classifiers and images for them. */
final class SmallModels {

    static final int CLASSES = 4;

    private SmallModels() {}

    private static Conv2d convolution(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .setFilters(filters)
                .optPadding(new Shape(1, 1))
                .build();
    }

    /** Three convolutions, the third in two places, and a head. */
    static SequentialBlock block() {
        Conv2d shared = convolution(16);
        return new SequentialBlock()
                .add(convolution(16))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(shared)
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(shared)
                .add(Activation.reluBlock())
                .add(convolution(24))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.globalAvgPool2dBlock())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    static Model model(DataType type, Shape input) {
        Model model = Model.newInstance("small <b>&\"net\"");
        SequentialBlock block = block();
        block.initialize(model.getNDManager(), type, input);
        model.setDataType(type);
        model.setBlock(block);
        return model;
    }

    static ArrayDataset images(NDManager manager, Shape input, int count, boolean labels) {
        NDArray data =
                manager.randomUniform(
                        0, 1, new Shape(count).addAll(new Shape(input.slice(1).getShape())));
        ArrayDataset.Builder builder =
                new ArrayDataset.Builder().setData(data).setSampling(16, true);
        if (labels) {
            float[] classes = new float[count];
            for (int n = 0; n < count; n++) {
                classes[n] = n % CLASSES;
            }
            builder.optLabels(manager.create(classes));
        }
        return builder.build();
    }
}
