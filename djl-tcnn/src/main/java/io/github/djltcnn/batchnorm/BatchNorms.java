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
package io.github.djltcnn.batchnorm;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import ai.djl.util.Pair;
import io.github.djltcnn.blocks.internal.DjlInternals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Batch normalisation after a conversion. The layers before it compute something else than they
 * did, so its running mean and variance are those of another model; measured anew, they win back
 * much of the accuracy without any training.
 *
 * @since 0.1.0
 */
public final class BatchNorms {

    private BatchNorms() {}

    /**
     * Measures the running statistics of all batch normalisations anew: each becomes the mean, over
     * the batches, of what the batch has. No other parameter changes.
     *
     * @param model an initialised model
     * @param dataset the data; labels are not looked at
     * @param batches how many batches at most, at least 1
     * @return how many batches there were; if none, all statistics are as they were
     * @throws IOException if the data cannot be read
     * @throws TranslateException if the data cannot be made into arrays
     * @throws IllegalArgumentException if the number of batches is below 1
     */
    public static int recalibrate(Model model, Dataset dataset, int batches)
            throws IOException, TranslateException {
        if (batches < 1) {
            throw new IllegalArgumentException("At least 1 batch is needed, got " + batches);
        }
        Block block = model.getBlock();
        List<Statistic> statistics = new ArrayList<>();
        collect(block, statistics);
        int count = 0;
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList sums = zeros(statistics, manager);
            NDList zeros = zeros(statistics, manager);
            for (Batch batch : dataset.getData(manager)) {
                try (batch) {
                    // From zero, a batch leaves its own statistic times the share it adds.
                    for (int n = 0; n < statistics.size(); n++) {
                        zeros.get(n).copyTo(statistics.get(n).array());
                    }
                    block.forward(new ParameterStore(manager, false), batch.getData(), true);
                    for (int n = 0; n < statistics.size(); n++) {
                        sums.get(n).addi(statistics.get(n).array());
                    }
                }
                if (++count == batches) {
                    break;
                }
            }
            for (int n = 0; count > 0 && n < statistics.size(); n++) {
                NDArray mean = sums.get(n).div(count * statistics.get(n).added());
                mean.copyTo(statistics.get(n).array());
            }
        }
        return count;
    }

    /**
     * A running mean or variance.
     *
     * @param array the parameter
     * @param added the share of a batch that one training step adds to it
     */
    private record Statistic(NDArray array, float added) {}

    private static NDList zeros(List<Statistic> statistics, NDManager manager) {
        NDList zeros = new NDList();
        for (Statistic statistic : statistics) {
            NDArray array = statistic.array();
            zeros.add(manager.zeros(array.getShape(), array.getDataType(), array.getDevice()));
        }
        return zeros;
    }

    private static void collect(Block block, List<Statistic> statistics) {
        if (block instanceof BatchNorm norm) {
            float added = 1 - DjlInternals.momentum(norm);
            for (Parameter parameter : norm.getDirectParameters().values()) {
                boolean running =
                        parameter.getType() == Parameter.Type.RUNNING_MEAN
                                || parameter.getType() == Parameter.Type.RUNNING_VAR;
                if (running && added > 0) {
                    statistics.add(new Statistic(parameter.getArray(), added));
                }
            }
        }
        for (Block child : block.getChildren().values()) {
            collect(child, statistics);
        }
    }

    /** A copy with parameters of its own. */
    static BatchNorm copy(BatchNorm norm, Shape input, NDManager manager) {
        BatchNorm copy =
                BatchNorm.builder()
                        .optAxis(DjlInternals.axis(norm))
                        .optEpsilon(DjlInternals.epsilon(norm))
                        .optMomentum(DjlInternals.momentum(norm))
                        .optCenter(DjlInternals.center(norm))
                        .optScale(DjlInternals.scale(norm))
                        .build();
        for (Pair<String, Parameter> entry : norm.getDirectParameters()) {
            Parameter parameter = copy.getDirectParameters().get(entry.getKey());
            parameter.setArray(LayerScaling.duplicate(entry.getValue().getArray(), manager));
            parameter.freeze(!entry.getValue().requiresGradient());
        }
        copy.initialize(
                manager, norm.getDirectParameters().valueAt(0).getArray().getDataType(), input);
        return copy;
    }
}
