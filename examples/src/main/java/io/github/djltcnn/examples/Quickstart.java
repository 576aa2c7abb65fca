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
package io.github.djltcnn.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialConv2d;

/**
 * The README's example: one tensorial convolution, what it is made of and what it does.
 *
 * @since 0.1.0
 */
public final class Quickstart {

    private Quickstart() {}

    /**
     * Runs the program.
     *
     * @param args none
     */
    public static void main(String[] args) {
        try (NDManager manager = NDManager.newBaseManager()) {
            runExample(manager);
        }
    }

    /**
     * Runs the program. Its body stands in the README, word for word.
     *
     * @param manager the manager of all arrays
     * @return the network that the convolution's kernel is the contraction of
     */
    public static TensorNetwork runExample(NDManager manager) {
        TensorialConv2d conv =
                TensorialConv2d.builder()
                        .setFormat(TensorFormats.tensorRing(Rank.of(10)))
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(64)
                        .optPadding(new Shape(1, 1))
                        .build();
        NDArray x = manager.randomNormal(new Shape(32, 64, 16, 16));
        conv.initialize(manager, DataType.FLOAT32, x.getShape());
        NDList y = conv.forward(new ParameterStore(manager, false), new NDList(x), false);
        TensorNetwork kernel = conv.getNetwork();
        System.out.println(kernel);
        System.out.println(kernel.parameterCount() + " of " + kernel.denseParameterCount());
        System.out.println(x.getShape() + " -> " + y.head().getShape());
        return kernel;
    }
}
