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
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.blocks.internal.FrozenBatchNorm;
import io.github.djltcnn.blocks.internal.ModelCopy;
import io.github.djltcnn.common.internal.RealArrays;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

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
     * the batches, of what the batch has. No other parameter changes. After any failure all
     * statistics are as they were.
     *
     * @param model an initialised model
     * @param dataset the data; labels are not looked at
     * @param batches how many batches at most, at least 1
     * @return how many batches there were; if none, all statistics are as they were
     * @throws IOException if the data cannot be read
     * @throws TranslateException if the data cannot be made into arrays
     * @throws IllegalArgumentException if the number of batches is below 1, a batch has inputs of
     *     another shape than the model was initialised for, its batch apart, a batch gives
     *     statistics that are not finite, or statistics are kept by {@code Trainable}
     */
    public static int recalibrate(Model model, Dataset dataset, int batches)
            throws IOException, TranslateException {
        if (batches < 1) {
            throw new IllegalArgumentException("At least 1 batch is needed, got " + batches);
        }
        Block block = model.getBlock();
        if (block == null || !block.isInitialized()) {
            throw new IllegalArgumentException(
                    "Model " + model.getName() + " has no parameters yet; initialize or load it");
        }
        List<Statistic> statistics = statistics(block);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList before = new NDList();
            statistics.forEach(s -> before.add(ModelCopy.duplicate(s.array(), manager)));
            boolean done = false;
            try {
                int count = measure(block, statistics, dataset.getData(manager), batches, manager);
                done = true;
                return count;
            } finally {
                for (int n = 0; !done && n < statistics.size(); n++) {
                    before.get(n).copyTo(statistics.get(n).array());
                }
            }
        }
    }

    private static int measure(
            Block block,
            List<Statistic> statistics,
            Iterable<Batch> data,
            int batches,
            NDManager manager) {
        NDList sums = zeros(statistics, manager);
        NDList zeros = zeros(statistics, manager);
        int count = 0;
        for (Batch batch : data) {
            count++;
            try (batch) {
                checkShapes(block, batch.getData(), count);
                // From zero, a batch leaves its own statistic times the share it adds.
                for (int n = 0; n < statistics.size(); n++) {
                    zeros.get(n).copyTo(statistics.get(n).array());
                }
                block.forward(new ParameterStore(manager, false), batch.getData(), true);
                for (int n = 0; n < statistics.size(); n++) {
                    statistics.get(n).checkFinite(count);
                    sums.get(n).addi(statistics.get(n).array());
                }
            }
            if (count == batches) {
                break;
            }
        }
        for (int n = 0; count > 0 && n < statistics.size(); n++) {
            try (NDArray mean = sums.get(n).div(count * statistics.get(n).added())) {
                mean.copyTo(statistics.get(n).array());
            }
        }
        return count;
    }

    private static void checkShapes(Block block, NDList inputs, int batch) {
        Shape[] shapes = block.getInputShapes();
        for (int n = 0; n < Math.min(shapes.length, inputs.size()); n++) {
            Shape found = inputs.get(n).getShape();
            if (found.dimension() != shapes[n].dimension()
                    || !found.slice(1).equals(new Shape(shapes[n].slice(1).getShape()))) {
                throw new IllegalArgumentException(
                        "Batch "
                                + batch
                                + " has inputs of shape "
                                + found
                                + ", the model was initialised for "
                                + shapes[n]
                                + "; statistics of other inputs would not be those of the model");
            }
        }
    }

    /**
     * A running mean or variance.
     *
     * @param name what it is called in messages
     * @param array the parameter
     * @param added the share of a batch that one training step adds to it
     */
    private record Statistic(String name, NDArray array, double added) {

        private void checkFinite(int batch) {
            for (double value : RealArrays.toDouble(array)) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "Batch "
                                    + batch
                                    + " gives a statistic of "
                                    + value
                                    + " for "
                                    + name
                                    + "; are there NaN or infinite numbers in the data or in the"
                                    + " weights?");
                }
            }
        }
    }

    private static NDList zeros(List<Statistic> statistics, NDManager manager) {
        NDList zeros = new NDList();
        for (Statistic statistic : statistics) {
            NDArray array = statistic.array();
            zeros.add(manager.zeros(array.getShape(), array.getDataType(), array.getDevice()));
        }
        return zeros;
    }

    private static List<Statistic> statistics(Block root) {
        IdentityHashMap<BatchNorm, Integer> places = new IdentityHashMap<>();
        count(root, places);
        IdentityHashMap<Parameter, BatchNorm> owners = new IdentityHashMap<>();
        places.keySet()
                .forEach(n -> n.getDirectParameters().forEach(p -> owners.put(p.getValue(), n)));
        List<Statistic> statistics = new ArrayList<>();
        for (Map.Entry<String, Parameter> entry : BlockTree.parameters(root).entrySet()) {
            Parameter parameter = entry.getValue();
            boolean running =
                    parameter.getType() == Parameter.Type.RUNNING_MEAN
                            || parameter.getType() == Parameter.Type.RUNNING_VAR;
            BatchNorm norm = owners.get(parameter);
            if (running && norm != null) {
                // One that stands in several places takes a share of each of them.
                double kept = Math.pow(DjlInternals.momentum(norm), places.get(norm));
                if (kept < 1) {
                    statistics.add(new Statistic(entry.getKey(), parameter.getArray(), 1 - kept));
                }
            }
        }
        return statistics;
    }

    private static void count(Block block, IdentityHashMap<BatchNorm, Integer> places) {
        if (block instanceof FrozenBatchNorm) {
            throw new IllegalArgumentException(
                    "The running statistics of the model are kept as they are; let them move again"
                            + " with Trainable.thawStatistics(block)");
        }
        if (block instanceof BatchNorm norm) {
            places.merge(norm, 1, Integer::sum);
        }
        for (Block child : block.getChildren().values()) {
            count(child, places);
        }
    }
}
