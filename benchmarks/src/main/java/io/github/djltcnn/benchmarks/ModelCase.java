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

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.github.djltcnn.zoo.ResNetSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A residual network of the zoo at rank 10 and its dense twin of DJL's own blocks.
 *
 * @param layers 32 for images of 32 x 32, 18 for images of 64 x 64
 * @param batch the batch
 * @param training whether a whole training step is timed, or a prediction
 */
record ModelCase(int layers, int batch, boolean training) {

    private static final int CLASSES = 10;
    private static final int RANK = 10;

    /** What is measured. */
    static List<ModelCase> all() {
        return List.of(
                new ModelCase(32, 32, true),
                new ModelCase(18, 32, true),
                new ModelCase(18, 1, false),
                new ModelCase(18, 32, false));
    }

    /** Height and width of the images. */
    int size() {
        return layers == 32 ? 32 : 64;
    }

    Shape input() {
        return new Shape(batch, 3, size(), size());
    }

    /** The network of tensor rings. */
    Block tensorial() {
        return ResNetSpec.parse("tr_resnet" + layers)
                .withRank(RANK)
                .withOutSize(CLASSES)
                .withImage(input().slice(1))
                .newBlock();
    }

    /** The same network with dense layers. */
    Block dense() {
        return layers == 32
                ? StockResNet.cifar(layers, CLASSES)
                : StockResNet.imageNet(List.of(2, 2, 2, 2), CLASSES);
    }

    /** The zoo's own dense network, which turns its input as the tensorial one does. */
    Block zooDense() {
        return ResNetSpec.parse("resnet" + layers)
                .withOutSize(CLASSES)
                .withImage(input().slice(1))
                .newBlock();
    }

    /** What runs against each other, ready to run. */
    List<ModelContestant> contestants() {
        List<ModelContestant> all = new ArrayList<>();
        for (String folded : training ? new String[] {""} : new String[] {"", " folded"}) {
            for (String last : new String[] {"", " (last)"}) {
                all.add(contestant("tensorial" + folded + last, tensorial()));
                all.add(contestant("dense" + folded + last, dense()));
            }
            all.add(contestant("zoo" + folded, zooDense()));
        }
        if (!training) {
            for (String last : new String[] {"", " (last)"}) {
                ModelContestant tuned = contestant("tensorial autotuned" + last, tensorial());
                tuned.autotune();
                all.add(tuned);
            }
        }
        return all;
    }

    private ModelContestant contestant(String name, Block block) {
        return new ModelContestant(
                name, block, input(), name.endsWith("(last)"), training, name.contains("folded"));
    }

    /** The first columns of a row of results. */
    String key() {
        return (training ? "train" : "predict") + "," + layers + "," + size() + "," + batch;
    }
}
