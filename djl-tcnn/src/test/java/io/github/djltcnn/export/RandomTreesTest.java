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

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;
import java.util.List;
import java.util.Random;
import org.testng.annotations.Test;

/**
 * Random trees of layers leave and agree. {@code -Dexport.trees=1000} draws more of them, {@code
 * -Dexport.seed=n} starts elsewhere.
 */
public class RandomTreesTest {

    private static final int TREES = Integer.getInteger("export.trees", 25);
    private static final long SEED = Long.getLong("export.seed", 20261127);
    private static final int MOST_LAYERS = 6;

    @Test
    public void randomTreesAgree() throws Exception {
        for (int tree = 0; tree < TREES; tree++) {
            long seed = SEED + tree;
            Random random = new Random(seed);
            int channels = 2 + 2 * random.nextInt(3);
            Shape one = new Shape(channels, 7 + random.nextInt(6), 7 + random.nextInt(6));
            SequentialBlock block = layers(random, 2);
            block.add(Blocks.batchFlattenBlock());
            block.add(
                    random.nextBoolean()
                            ? Linear.builder().setUnits(3).build()
                            : TensorialLinear.builder()
                                    .setFormat(TensorFormats.tucker2(Rank.of(2)))
                                    .setUnits(4)
                                    .build());
            try (NDManager manager = NDManager.newBaseManager()) {
                block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(one));
                Outputs.disturb(block);
                ExportOptions options =
                        ExportOptions.builder()
                                .optFactorised(random.nextInt(4) == 0)
                                .optFoldBatchNorms(random.nextInt(4) > 0)
                                .optBatch(1 + random.nextInt(40))
                                .build();
                Outputs.assertExports(block, one, options, "seed " + seed);
            }
        }
    }

    private static SequentialBlock layers(Random random, int depth) {
        SequentialBlock block = new SequentialBlock();
        int number = 1 + random.nextInt(MOST_LAYERS);
        for (int layer = 0; layer < number; layer++) {
            block.add(layer(random, depth));
        }
        return block;
    }

    private static Block layer(Random random, int depth) {
        return switch (random.nextInt(8)) {
            case 0 -> BatchNorm.builder().build();
            case 1 -> activation(random);
            case 2 ->
                    random.nextBoolean()
                            ? Pool.maxPool2dBlock(new Shape(3, 3), new Shape(1, 1), new Shape(1, 1))
                            : Pool.avgPool2dBlock(
                                    new Shape(2, 2),
                                    new Shape(1, 1),
                                    new Shape(1, 1),
                                    random.nextBoolean());
            case 3 -> Dropout.builder().build();
            case 4 -> depth == 0 ? activation(random) : branches(random, depth - 1);
            case 5 -> dense(random);
            default -> tensorial(random);
        };
    }

    private static Block activation(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> Activation.tanhBlock();
            case 1 -> Activation.sigmoidBlock();
            case 2 -> Activation.leakyReluBlock(0.1f);
            case 3 -> Activation.geluBlock();
            default -> Activation.reluBlock();
        };
    }

    private static Block dense(Random random) {
        int groups = 1 + random.nextInt(2);
        return Conv2d.builder()
                .setFilters(4 + 2 * random.nextInt(3))
                .setKernelShape(new Shape(3, 1 + 2 * random.nextInt(2)))
                .optPadding(new Shape(random.nextInt(2) + 1, 1))
                .optStride(new Shape(1 + random.nextInt(2), 1))
                .optGroups(groups)
                .optBias(random.nextBoolean())
                .build();
    }

    private static Block tensorial(Random random) {
        List<TensorFormat> formats =
                List.of(
                        TensorFormats.cp(Rank.of(3)),
                        TensorFormats.tucker2(Rank.of(2)),
                        TensorFormats.tensorRing(Rank.of(2)),
                        TensorFormats.tensorTrain(Rank.of(2)),
                        TensorFormats.hyperTucker2(Rank.of(3)),
                        TensorFormats.blockTerm(2, Rank.of(2)));
        return TensorialConv2d.builder()
                .setFormat(formats.get(random.nextInt(formats.size())))
                .setKernelShape(new Shape(3, 3))
                .setFilters(4 + 2 * random.nextInt(4))
                .optPadding(new Shape(1, 1))
                .optStride(new Shape(1, 1 + random.nextInt(2)))
                .optBias(random.nextBoolean())
                .build();
    }

    /** Two ways that meet in a sum or side by side. */
    private static Block branches(Random random, int depth) {
        boolean sum = random.nextBoolean();
        SequentialBlock first = layers(random, depth);
        first.add(closing());
        SequentialBlock second = new SequentialBlock();
        second.add(activation(random)).add(closing());
        if (!sum) {
            return new ParallelBlock(
                            lists -> new NDList(lists.get(0).head().concat(lists.get(1).head(), 1)))
                    .add(first)
                    .add(second);
        }
        return new ParallelBlock(lists -> new NDList(lists.get(0).head().add(lists.get(1).head())))
                .add(first)
                .add(second);
    }

    /** Brings any size to one, so that branches fit each other. */
    private static Block closing() {
        return new SequentialBlock()
                .add(Conv2d.builder().setFilters(4).setKernelShape(new Shape(1, 1)).build())
                .add(x -> new NDList(x.head().mean(new int[] {2}, true)))
                .add(x -> new NDList(x.head().mean(new int[] {3}, true)));
    }
}
