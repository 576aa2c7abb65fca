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
package io.github.djltcnn.export;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import io.github.djltcnn.nn.NormalizedInput;
import org.testng.annotations.Test;

/** Models leave the library and compute the same elsewhere. */
public class ExportsTest {

    private static Block small() {
        return new SequentialBlock()
                .add(
                        Conv2d.builder()
                                .setFilters(8)
                                .setKernelShape(new Shape(3, 3))
                                .optPadding(new Shape(1, 1))
                                .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(5).build());
    }

    @Test
    public void convolutionNormActivationAndLinear() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = small();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 8, 8));
            Outputs.assertExports(block, new Shape(3, 8, 8), ExportOptions.standard(), "small");
        }
    }

    @Test
    public void aNetworkThatNormalisesItsInput() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block =
                    new NormalizedInput(
                            small(), new float[] {.1f, .2f, .3f}, new float[] {.4f, .5f, .6f});
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 8, 8));
            Outputs.assertExports(
                    block, new Shape(3, 8, 8), ExportOptions.standard(), "normalised");
        }
    }
}
