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
package io.github.djltcnn.examples.initialization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.nn.TensorialConv2d;
import java.util.List;

/** Networks without BatchNorm, which hides a bad initialization, for small grey images. */
enum NamedNetwork {
    /** Eleven convolutions of 16 channels, each followed by ReLU, and a linear layer. */
    PLAIN12 {
        @Override
        Block build(TensorFormat format) {
            SequentialBlock net = new SequentialBlock();
            for (int layer = 0; layer < 11; layer++) {
                net.add(convolution(format, layer == 0 || layer == 5 ? 2 : 1));
                net.add(Activation.reluBlock());
            }
            return head(net);
        }
    },
    /**
     * Nineteen convolutions of 16 channels, 18 of them in nine residual blocks {@code relu((x +
     * f(x)) / sqrt(2))}, and a linear layer.
     */
    RESIDUAL20 {
        @Override
        Block build(TensorFormat format) {
            SequentialBlock net = new SequentialBlock();
            net.add(convolution(format, 2)).add(Activation.reluBlock());
            for (int block = 0; block < 9; block++) {
                net.add(residual(format, block == 3 || block == 6 ? 2 : 1));
            }
            return head(net);
        }
    };

    private static final int CHANNELS = 16;
    private static final float HALF = (float) Math.sqrt(0.5);

    abstract Block build(TensorFormat format);

    private static Block convolution(TensorFormat format, long stride) {
        return TensorialConv2d.builder()
                .setFormat(format)
                .setKernelShape(new Shape(3, 3))
                .setFilters(CHANNELS)
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(1, 1))
                .build();
    }

    private static Block residual(TensorFormat format, long stride) {
        SequentialBlock branch =
                new SequentialBlock()
                        .add(convolution(format, stride))
                        .add(Activation.reluBlock())
                        .add(convolution(format, 1));
        Block shortcut = LambdaBlock.singleton(x -> subsample(x, stride));
        return new ParallelBlock(NamedNetwork::join, List.of(branch, shortcut));
    }

    private static NDArray subsample(NDArray x, long stride) {
        return stride == 1 ? x : x.get(":, :, ::" + stride + ", ::" + stride);
    }

    private static NDList join(List<NDList> branches) {
        try (NDArray sum =
                branches.get(0).singletonOrThrow().add(branches.get(1).singletonOrThrow())) {
            // Not sum.mul(0.7f): the gradient needs that number, which DJL keeps in memory of
            // Java's
            // that is free again before the pass goes back. The array lives as long as the batch.
            NDArray half = sum.getManager().create(HALF);
            try (NDArray scaled = sum.mul(half)) {
                return new NDList(Activation.relu(scaled));
            }
        }
    }

    private static Block head(SequentialBlock net) {
        return net.add(Pool.globalAvgPool2dBlock()).add(Linear.builder().setUnits(10).build());
    }
}
