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
package io.github.djltcnn.statistics;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.NormPair;
import io.github.djltcnn.blocks.internal.TreeWalk;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.statistics.internal.Patches;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * What every convolution and linear layer of a model is given and what is made of its answers,
 * measured on unlabelled images in one pass there and back.
 *
 * <p>The gradients are those of the logarithm of the probability of a class that is drawn from the
 * model's own answer (the Fisher information, no labels needed), where the output is a matrix of
 * logits with more than one column; of a random projection of the output elsewhere. Their second
 * moments say by how much the answers change with the outputs of a layer.
 *
 * <p>All sums are float64. Immutable.
 *
 * @since 0.2.0
 */
public final class ModelStatistics {

    /** Places of a layer that its moments are taken from; more say nothing new. */
    private static final double PLACES = 30_000;

    private final Map<String, LayerStatistics> layers;
    private final long images;

    private ModelStatistics(Map<String, LayerStatistics> layers, long images) {
        this.layers = layers;
        this.images = images;
    }

    /**
     * Measures a model.
     *
     * @param root an initialised model
     * @param batches its inputs; they stay open
     * @param seed what classes are drawn from
     * @param progress is told of each batch; may be null
     * @return the statistics
     * @throws IllegalArgumentException if there are no inputs, or the model does not take them
     * @throws CancellationException if the thread is interrupted; the model is as it was
     */
    public static ModelStatistics of(
            Block root, List<NDList> batches, long seed, Progress progress) {
        if (batches.isEmpty()) {
            throw new IllegalArgumentException(
                    "At least one batch of inputs is needed to measure a model, got none");
        }
        if (progress != null) {
            progress.reset("Measuring", batches.size());
        }
        Shape[] shapes = batches.get(0).getShapes();
        long images = batches.stream().mapToLong(batch -> batch.head().getShape().get(0)).sum();
        List<BlockTree.Leaf> leaves = BlockTree.leaves(root, shapes);
        Map<String, Sums> sums = new LinkedHashMap<>();
        Set<Block> centred = new HashSet<>();
        NormPair.of(leaves).forEach(pair -> centred.add(pair.layer().block()));
        try (NDManager manager = batches.get(0).head().getManager().newSubManager()) {
            for (BlockTree.Leaf leaf : leaves) {
                KernelLayer layer = KernelLayer.of(leaf.block(), leaf.input());
                if (layer != null) {
                    int step = Patches.step(layer, images, PLACES);
                    boolean free = layer.bias() || centred.contains(leaf.block());
                    sums.put(leaf.path(), new Sums(layer, step, free, manager));
                }
            }
            measure(root, batches, sums, new Random(seed), progress);
            if (progress != null) {
                progress.end();
            }
            Map<String, LayerStatistics> layers = new LinkedHashMap<>();
            sums.forEach((path, sum) -> layers.put(path, sum.toStatistics(path)));
            return new ModelStatistics(layers, images);
        }
    }

    private static void measure(
            Block root,
            List<NDList> batches,
            Map<String, Sums> sums,
            Random random,
            Progress progress) {
        // Gradients of parameters are not wanted, and would be left behind.
        List<NDArray> watched = new ArrayList<>();
        for (Parameter parameter : BlockTree.parameters(root).values()) {
            if (parameter.isInitialized() && parameter.getArray().hasGradient()) {
                watched.add(parameter.getArray());
            }
        }
        watched.forEach(array -> array.setRequiresGradient(false));
        try {
            int number = 0;
            for (NDList batch : batches) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new CancellationException(
                            "The thread was interrupted while a model was measured");
                }
                try (NDManager manager = batch.head().getManager().newSubManager();
                        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                    NDList copy = new NDList();
                    for (NDArray array : batch) {
                        NDArray duplicate = array.duplicate();
                        duplicate.attach(manager);
                        copy.add(duplicate);
                    }
                    Pass pass = new Pass(sums, number++, manager);
                    NDList output = pass.run("", root, copy);
                    if (pass.taps.isEmpty()) {
                        throw new IllegalArgumentException(
                                "The model has no convolution or linear layer to measure");
                    }
                    collector.backward(answer(output, random));
                    pass.collect();
                }
                if (progress != null) {
                    progress.increment(1);
                }
            }
        } finally {
            watched.forEach(array -> array.setRequiresGradient(true));
        }
    }

    /** What gradients are taken of. */
    private static NDArray answer(NDList outputs, Random random) {
        NDArray sum = null;
        for (NDArray output : outputs) {
            Shape shape = output.getShape();
            float[] weights = new float[Math.toIntExact(shape.size())];
            NDArray logs = output;
            if (shape.dimension() == 2 && shape.get(1) > 1) {
                int classes = Math.toIntExact(shape.get(1));
                logs = output.logSoftmax(1);
                float[] answers = logs.toType(DataType.FLOAT32, false).toFloatArray();
                for (int row = 0; row < answers.length / classes; row++) {
                    double left = random.nextDouble();
                    int drawn = 0;
                    left -= Math.exp(answers[row * classes]);
                    while (left > 0 && drawn < classes - 1) {
                        drawn++;
                        left -= Math.exp(answers[row * classes + drawn]);
                    }
                    weights[row * classes + drawn] = 1;
                }
            } else {
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = (float) random.nextGaussian();
                }
            }
            NDArray weight =
                    output.getManager().create(weights, shape).toType(output.getDataType(), false);
            NDArray part = logs.mul(weight).sum();
            sum = sum == null ? part : sum.add(part);
        }
        return sum;
    }

    /**
     * Returns what was measured of a layer.
     *
     * @param path its path
     * @return the statistics; empty if the model has no such layer, or its inputs were all zero
     */
    public Optional<LayerStatistics> layer(String path) {
        return Optional.ofNullable(layers.get(path)).filter(ModelStatistics::isAlive);
    }

    private static boolean isAlive(LayerStatistics layer) {
        boolean alive = false;
        for (double value : layer.channels()) {
            alive |= value > 0;
        }
        return alive;
    }

    /**
     * Returns the paths of the layers.
     *
     * @return the paths in the order in which the layers run
     */
    public List<String> paths() {
        return List.copyOf(layers.keySet());
    }

    /**
     * Returns how many images were measured.
     *
     * @return the number
     */
    public long images() {
        return images;
    }

    /** The pass of one batch. */
    private static final class Pass extends TreeWalk<NDList> {

        private final Map<String, Sums> sums;
        private final int number;
        private final NDManager manager;
        private final Map<String, NDArray> taps = new LinkedHashMap<>();

        Pass(Map<String, Sums> sums, int number, NDManager manager) {
            this.sums = sums;
            this.number = number;
            this.manager = manager;
        }

        @Override
        protected NDList leaf(String path, Block block, NDList in) {
            NDList out = block.forward(new ParameterStore(manager, false), in, false);
            Sums sum = sums.get(path);
            if (sum == null) {
                return out;
            }
            sum.addInput(in.head(), number);
            NDArray zero = out.head().zerosLike();
            zero.setRequiresGradient(true);
            taps.put(path, zero);
            return new NDList(out.head().add(zero));
        }

        @Override
        protected NDList join(ParallelBlock block, List<NDList> branches) {
            return DjlInternals.function(block).apply(branches);
        }

        @Override
        protected NDList normalised(NormalizedInput block, NDList in) {
            return normalise(block, in);
        }

        @Override
        protected void release(NDList old, NDList kept, NDList next) {
            // the arrays are those of the graph of gradients
        }

        void collect() {
            taps.forEach(
                    (path, zero) -> {
                        try (NDArray gradient = zero.getGradient()) {
                            sums.get(path).addGradient(gradient);
                        }
                    });
        }
    }

    /** The sums of one layer. */
    private static final class Sums {

        private final KernelLayer layer;
        private final int step;
        private final boolean centred;
        private final NDArray channels;
        private final NDArray window;
        private final NDArray mean;
        private final NDArray output;
        private double count;
        private double gradients;
        private double places;

        Sums(KernelLayer layer, int step, boolean centred, NDManager manager) {
            this.layer = layer;
            this.step = step;
            this.centred = centred;
            long groups = layer.spec().groups();
            long in = layer.spec().inputChannels() / groups;
            long out = layer.spec().outputChannels() / groups;
            long taps = layer.spec().kernel().size();
            this.channels = manager.zeros(new Shape(groups, in, in), DataType.FLOAT64);
            this.window = manager.zeros(new Shape(groups, taps, taps), DataType.FLOAT64);
            this.mean = manager.zeros(new Shape(groups, in, taps), DataType.FLOAT64);
            this.output = manager.zeros(new Shape(groups, out, out), DataType.FLOAT64);
        }

        void addInput(NDArray x, int number) {
            long groups = layer.spec().groups();
            long in = layer.spec().inputChannels() / groups;
            long taps = layer.spec().kernel().size();
            try (NDArray detached = x.stopGradient();
                    NDArray z = Patches.unfold(layer, detached, step, number);
                    NDArray byChannel = z.reshape(groups, in, -1);
                    NDArray turned = z.transpose(0, 2, 1, 3);
                    NDArray byTap = turned.reshape(groups, taps, -1);
                    NDArray total = z.sum(new int[] {3})) {
                count += z.getShape().get(3);
                addSquare(channels, byChannel);
                addSquare(window, byTap);
                Patches.add(mean, total);
            }
        }

        void addGradient(NDArray gradient) {
            try (NDArray g = Patches.pick(layer, gradient, 1, 0)) {
                gradients += g.getShape().get(2);
                places = (double) g.getShape().get(2) / gradient.getShape().get(0);
                addSquare(output, g);
            }
        }

        private static void addSquare(NDArray sum, NDArray z) {
            try (NDArray turned = z.transpose(0, 2, 1);
                    NDArray square = z.matMul(turned)) {
                Patches.add(sum, square);
            }
        }

        LayerStatistics toStatistics(String path) {
            int groups = Math.toIntExact(layer.spec().groups());
            int in = Math.toIntExact(layer.spec().inputChannels() / groups);
            int taps = Math.toIntExact(layer.spec().kernel().size());
            double[] c = channels.toDoubleArray();
            double[] w = window.toDoubleArray();
            double[] m = mean.toDoubleArray();
            double[] g = output.toDoubleArray();
            for (int group = 0; group < groups && centred; group++) {
                for (int i = 0; i < in; i++) {
                    for (int tap = 0; tap < taps; tap++) {
                        double one = m[(group * in + i) * taps + tap] / count;
                        for (int j = 0; j < in; j++) {
                            c[(group * in + i) * in + j] -= one * m[(group * in + j) * taps + tap];
                        }
                        for (int other = 0; other < taps; other++) {
                            w[(group * taps + tap) * taps + other] -=
                                    one * m[(group * in + i) * taps + other];
                        }
                    }
                }
            }
            double trace = 0;
            int out = Math.toIntExact(layer.spec().outputChannels() / groups);
            for (int i = 0; i < g.length; i++) {
                g[i] /= gradients;
                trace += i / out % out == i % out ? g[i] : 0;
            }
            finish(c, in);
            finish(w, taps);
            return new LayerStatistics(
                    path, layer.spec(), c, w, trace > 0 ? g : null, places, centred);
        }

        /** Sums become means; rounding leaves no negative diagonal. */
        private void finish(double[] matrix, int size) {
            for (int i = 0; i < matrix.length; i++) {
                matrix[i] /= count;
                if (i / size % size == i % size) {
                    matrix[i] = Math.max(0, matrix[i]);
                }
            }
        }
    }
}
