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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.export.ExportOptions;

/** One prediction of a block that can be repeated: its input is made, and compiled it is. */
final class Prediction implements AutoCloseable {

    private final NDManager manager;
    private final Compiled compiled;
    private final Block block;
    private final NDArray input;

    private Prediction(NDManager manager, Compiled compiled, Block block, NDArray input) {
        this.manager = manager;
        this.compiled = compiled;
        this.block = block;
        this.input = input;
    }

    /**
     * Prepares the predictions of a block.
     *
     * @param parent the device
     * @param block an initialised block
     * @param shape the shape of the input, the batch included
     * @param type its data type
     * @param mode how to predict
     * @return the prediction, to be closed
     * @throws IllegalArgumentException if the block cannot be compiled
     */
    static Prediction of(
            NDManager parent, Block block, Shape shape, DataType type, PredictionMode mode) {
        NDManager manager = parent.newSubManager();
        try {
            NDArray input = manager.randomUniform(0, 1, shape, DataType.FLOAT32);
            if (type != DataType.FLOAT32) {
                input = input.toType(type, false);
            }
            Compiled compiled =
                    mode == PredictionMode.COMPILED
                            ? Compiled.of(
                                    block,
                                    shape,
                                    ExportOptions.builder()
                                            .optBatch(shape.get(0))
                                            .optDataType(type)
                                            .build())
                            : null;
            return new Prediction(manager, compiled, compiled == null ? block : compiled, input);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Predicts once. */
    void run() {
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = input.duplicate();
            x.attach(scope);
            block.forward(new ParameterStore(scope, false), new NDList(x), false).close();
        }
    }

    NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        if (compiled != null) {
            compiled.close();
        }
        manager.close();
    }
}
