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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import io.github.djltcnn.batchnorm.BatchNormFolding;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Trees of blocks that no model should be. */
public class HostileTreeTest {

    private static final Shape INPUT = new Shape(1, 3, 8, 8);

    private static Block conv() {
        return Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(8).build();
    }

    @DataProvider
    Object[][] trees() {
        return new Object[][] {
            {
                new SequentialBlock()
                        .add(new LambdaBlock(list -> new NDList(), "drops"))
                        .add(conv()),
                "02Conv2d"
            },
            {new ParallelBlock(list -> null).add(conv()).add(conv()), "(root)"},
        };
    }

    @Test(dataProvider = "trees")
    void testBlocksThatReturnNothing(Block tree, String path) {
        Tensorizer tensorizer =
                Tensorizer.builder()
                        .setFormat(TensorFormats::tucker2)
                        .optRank(Rank.ratio(0.3))
                        .build();
        String message =
                Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> tensorizer.convert(tree, INPUT))
                        .getMessage();
        Assert.assertTrue(message.contains(path), message);
        Assert.assertThrows(IllegalArgumentException.class, () -> Tensorizer.merge(tree, INPUT));
        Assert.assertThrows(IllegalArgumentException.class, () -> ModelSummary.of(tree, INPUT));
    }

    @Test
    void testFoldingWithoutParameters() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block tree = new SequentialBlock().add(conv());
            String message =
                    Assert.expectThrows(
                                    IllegalArgumentException.class,
                                    () -> BatchNormFolding.fold(tree, INPUT, manager))
                            .getMessage();
            Assert.assertTrue(message.contains("01Conv2d.weight"), message);
        }
    }

    @Test
    void testFormatsThatAreNull() {
        Tensorizer.Builder builder =
                Tensorizer.builder()
                        .setFormat((Rank rank) -> (TensorFormat) null)
                        .optRank(Rank.of(2));
        Assert.assertThrows(IllegalArgumentException.class, builder::build);
        Tensorizer none = Tensorizer.builder().setFormat((TensorFormat) spec -> null).build();
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> none.convert(new SequentialBlock().add(conv()), INPUT));
    }
}
