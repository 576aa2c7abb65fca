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
package io.github.djltcnn.nn;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Data types that a layer can have, and what it says of others. */
public class DataTypesTest {

    /** DJL would end the process. */
    @Test
    public void bfloat16IsRefusedBeforeNativeCode() {
        TensorialConv2d layer =
                TensorialConv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(8)
                        .setFormat(TensorFormats.tucker2(Rank.of(4, 4)))
                        .build();
        try (NDManager manager = NDManager.newBaseManager()) {
            Shape input = new Shape(1, 8, 6, 6);
            IllegalArgumentException thrown =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> layer.initialize(manager, DataType.BFLOAT16, input));
            Assert.assertTrue(thrown.getMessage().contains("use FLOAT32"), thrown.getMessage());
            layer.initialize(manager, DataType.FLOAT16, input);
            Assert.assertEquals(layer.getCores().head().getDataType(), DataType.FLOAT16);
        }
    }
}
