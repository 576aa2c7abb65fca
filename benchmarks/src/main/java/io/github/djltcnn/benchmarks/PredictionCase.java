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

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.contraction.internal.execution.Step;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.nn.Planning;
import io.github.djltcnn.zoo.TensorialResNet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A residual network of the zoo that predicts.
 *
 * @param layers 20 for images of 32 x 32, 18 for images of 64 x 64
 * @param formatName what its layers are, for tables
 * @param format the same
 * @param batch the number of images
 */
record PredictionCase(int layers, String formatName, TensorFormat format, int batch) {

    private static final int CLASSES = 10;
    private static final int CIFAR = 20;
    private static final double QUARTER = 0.25;
    private static final int SMALL = 32;
    private static final int LARGE = 64;
    private static final List<Integer> BATCHES = List.of(1, 32);

    /** What is measured; the dense network of each kind first. */
    static List<PredictionCase> all() {
        List<PredictionCase> all = new ArrayList<>();
        for (int batch : BATCHES) {
            TensorFormat tucker = TensorFormats.tucker2(Rank.ratio(QUARTER));
            TensorFormat cp = TensorFormats.cp(Rank.ratio(QUARTER));
            TensorFormat ring = TensorFormats.tensorRing(Rank.of(10));
            all.add(new PredictionCase(CIFAR, "dense", TensorFormats.dense(), batch));
            all.add(new PredictionCase(CIFAR, "TR rank 10", ring, batch));
            all.add(new PredictionCase(CIFAR, "Tucker-2 a quarter", tucker, batch));
            all.add(new PredictionCase(CIFAR, "CP a quarter", cp, batch));
            all.add(new PredictionCase(18, "dense", TensorFormats.dense(), batch));
            all.add(new PredictionCase(18, "Tucker-2 a quarter", tucker, batch));
            all.add(new PredictionCase(18, "CP a quarter", cp, batch));
        }
        return all;
    }

    /** The shape of its input. */
    Shape input() {
        int size = layers == CIFAR ? SMALL : LARGE;
        return new Shape(batch, 3, size, size);
    }

    /** The network, not initialised; only its convolutions are tensorial. */
    Block block() {
        TensorialResNet.Builder builder =
                layers == CIFAR ? TensorialResNet.cifar(CIFAR) : TensorialResNet.imageNet(layers);
        return builder.setOutSize(CLASSES).optFormat(format).optDenseStem().optDenseHead().build();
    }

    /** The first columns of a row of results. */
    String key() {
        return "ResNet-" + layers + "," + formatName + "," + input().get(2) + "," + batch;
    }

    /** What is counted and not timed: parameters, multiply-adds and steps of its layers. */
    static Map<String, Double> counts(Block block, Shape input) {
        Map<String, Double> counts = new LinkedHashMap<>();
        long parameters = 0;
        for (Parameter parameter : block.getParameters().values()) {
            parameters += parameter.getArray().size();
        }
        counts.put("parameters", (double) parameters);
        if (block.getParameters().keys().stream().noneMatch(key -> key.endsWith("core1"))) {
            return counts;
        }
        double macs = 0;
        double dense = 0;
        double steps = 0;
        double layers = 0;
        for (Planning.LayerInput found : Planning.inputs(block, input)) {
            ContractionPlan plan =
                    ContractionPlanner.create(
                                    found.layer().getNetwork(), found.layer().getGeometry())
                            .plan(found.input(), false, Layout.CHANNELS_LAST, Device.cpu());
            // The weights are contracted once, before the predictions.
            macs += plan.macs();
            for (Step step : plan.program().steps()) {
                macs -= step.work().macs();
            }
            steps += plan.steps().size();
            dense +=
                    found.layer()
                            .getNetwork()
                            .denseMacs(found.layer().getGeometry(), found.input());
            layers++;
        }
        counts.put("macs to dense", macs / dense);
        counts.put("steps per layer", steps / layers);
        return counts;
    }
}
