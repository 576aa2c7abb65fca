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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.Progress;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.Layers;
import io.github.djltcnn.blocks.internal.Replacement;
import io.github.djltcnn.blocks.internal.TreeWalk;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.statistics.ModelStatistics;
import io.github.djltcnn.statistics.internal.JointMoments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Fits the layers of a model one after another on images: each is given what the layers before it,
 * compressed already, give, and is to answer what the original layer answers. What a residual
 * branch has to answer besides is what its sum lacks: the errors of the branches beside it. Batch
 * normalisations are fitted in closed form to the outputs that are wanted, and biases too.
 *
 * <p>Both networks run side by side, layer by layer, on all images at once. The model itself is not
 * touched before {@link #commit}.
 */
final class SequentialFit extends TreeWalk<Flow> {

    private final NDManager manager;
    private final Map<String, LayerChoice> choices = new HashMap<>();
    private final IdentityHashMap<Block, Integer> places = new IdentityHashMap<>();
    private final LayerFit fit;
    private final PlannerOptions options;
    private final Progress progress;
    private final Replacement replacement = new Replacement();
    private final Map<String, Decomposition> found = new HashMap<>();
    private final IdentityHashMap<Parameter, double[]> refitted = new IdentityHashMap<>();

    /** What is to be made good by the next layer, and by which channels. */
    private List<NDArray> wanted;

    private BatchNorm follower;

    SequentialFit(
            List<LayerChoice> chosen,
            ModelStatistics statistics,
            Decomposer decomposer,
            PlannerOptions options,
            Progress progress,
            long images,
            NDManager manager) {
        this.fit = new LayerFit(statistics, decomposer, images, manager);
        this.options = options;
        this.progress = progress;
        this.manager = manager;
        for (LayerChoice choice : chosen) {
            choices.put(choice.leaf().path(), choice);
        }
    }

    /** Fits all layers; nothing of the model changes. */
    void fit(Block root, List<NDList> batches) {
        BlockTree.leaves(root, batches.get(0).getShapes())
                .forEach(leaf -> places.merge(leaf.block(), 1, Integer::sum));
        if (progress != null) {
            progress.reset("Fitting", choices.size());
        }
        Flow in = new Flow(batches, batches);
        Flow out = run("", root, in);
        release(out, in, in);
        if (progress != null) {
            progress.end();
        }
    }

    Decomposition found(String path) {
        return found.get(path);
    }

    void discard() {
        replacement.discard();
    }

    /** Puts everything in its place. */
    Block commit(Block root) {
        Block block = replacement.commit(root);
        refitted.forEach(
                (parameter, values) -> {
                    NDArray array = parameter.getArray();
                    try (NDArray now =
                            RealArrays.create(
                                    manager, values, array.getShape(), array.getDataType())) {
                        now.copyTo(array);
                    }
                });
        return block;
    }

    @Override
    protected Flow sequential(String path, Block block, Flow in) {
        List<NDArray> whole = wanted;
        List<Block> children = block.getChildren().values();
        Flow now = in;
        int index = 0;
        for (Pair<String, Block> child : block.getChildren()) {
            boolean last = index == children.size() - 1;
            Block next = last ? null : children.get(index + 1);
            boolean normed = next != null && isNorm(next);
            follower = normed ? (BatchNorm) next : null;
            boolean tail = last || (index == children.size() - 2 && normed);
            wanted = tail ? whole : null;
            Flow out = run(BlockTree.path(path, block, child.getKey()), child.getValue(), now);
            release(now, in, out);
            now = out;
            index++;
        }
        wanted = null;
        follower = null;
        return now;
    }

    private static boolean isNorm(Block block) {
        return BlockTree.isBatchNorm(block) && DjlInternals.axis((BatchNorm) block) == 1;
    }

    /** Branches without layers run first; the last one makes good what they lack. */
    @Override
    protected Flow parallel(String path, ParallelBlock block, Flow in) {
        wanted = null;
        follower = null;
        List<Pair<String, Block>> children = new ArrayList<>();
        block.getChildren().forEach(children::add);
        Integer[] order = new Integer[children.size()];
        int[] weight = new int[order.length];
        for (int n = 0; n < order.length; n++) {
            order[n] = n;
            String prefix = BlockTree.path(path, block, children.get(n).getKey());
            weight[n] =
                    (int)
                            choices.values().stream()
                                    .filter(c -> c.network() != null)
                                    .map(c -> c.leaf().path())
                                    .filter(p -> p.equals(prefix) || p.startsWith(prefix + "."))
                                    .count();
        }
        Arrays.sort(order, (a, b) -> Integer.compare(weight[a], weight[b]));
        Flow[] outs = new Flow[order.length];
        for (int n = 0; n < order.length; n++) {
            int branch = order[n];
            List<NDArray> lacking = null;
            if (n == order.length - 1 && n > 0) {
                lacking = Flow.lacking(block, outs);
            }
            wanted = lacking;
            Pair<String, Block> child = children.get(branch);
            outs[branch] = run(BlockTree.path(path, block, child.getKey()), child.getValue(), in);
            wanted = null;
            if (lacking != null) {
                lacking.forEach(NDArray::close);
            }
        }
        Flow out = join(block, List.of(outs));
        for (Flow branch : outs) {
            release(branch, in, out);
        }
        return out;
    }

    @Override
    protected Flow join(ParallelBlock block, List<Flow> branches) {
        return Flow.joined(block, branches);
    }

    @Override
    protected Flow normalised(NormalizedInput block, Flow in) {
        return in.mapped(list -> normalise(block, list));
    }

    @Override
    protected void release(Flow old, Flow kept, Flow next) {
        for (int n = 0; n < old.original().size(); n++) {
            NDList held = new NDList();
            for (Flow flow : List.of(kept, next)) {
                held.addAll(flow.original().get(n));
                held.addAll(flow.compressed().get(n));
            }
            close(old.original().get(n), held, held);
            if (!old.isSame()) {
                NDList more = new NDList(held);
                more.addAll(old.original().get(n));
                close(old.compressed().get(n), more, held);
            }
        }
    }

    @Override
    protected Flow leaf(String path, Block block, Flow in) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException(
                    "The thread was interrupted; the model is as it was before the conversion");
        }
        LayerChoice choice = choices.get(path);
        List<NDArray> lacking = wanted;
        BatchNorm norm = follower;
        Flow out;
        if (choice != null && choice.network() != null) {
            out = layer(path, choice, norm, lacking, in);
        } else if (!in.isSame() && isRefitted(choice, block)) {
            out = refitted(choice, norm, lacking, in);
        } else if (isNorm(block) && places.get(block) == 1 && !in.isSame()) {
            out = norm((BatchNorm) block, lacking, in);
        } else {
            out = in.mapped(list -> forward(block, list));
        }
        if (choice != null && progress != null) {
            progress.increment(1);
        }
        return out;
    }

    private NDList forward(Block block, NDList in) {
        NDList out = block.forward(new ParameterStore(manager, false), in, false);
        NDList detached = new NDList();
        for (NDArray array : out) {
            if (in.contains(array)) {
                detached.add(array);
            } else {
                try (array) {
                    detached.add(array.stopGradient());
                }
            }
        }
        return detached;
    }

    private Flow layer(
            String path, LayerChoice choice, BatchNorm norm, List<NDArray> lacking, Flow in) {
        Block dense = choice.leaf().block();
        List<NDList> original = in.original().stream().map(l -> forward(dense, l)).toList();
        Block made = replacement.known(dense);
        if (made == null) {
            made = fitted(path, choice, norm, lacking, in, original);
        }
        replacement.put(choice.leaf(), made);
        Block compressed = made;
        return new Flow(
                original, in.compressed().stream().map(l -> forward(compressed, l)).toList());
    }

    /** A layer that stays dense gets the weights that are best for what it is given now. */
    private Flow refitted(LayerChoice choice, BatchNorm norm, List<NDArray> lacking, Flow in) {
        Block dense = choice.leaf().block();
        KernelLayer layer = choice.kernel();
        List<NDList> original = in.original().stream().map(l -> forward(dense, l)).toList();
        double[] kernel = KernelWeights.values(choice.leaf());
        JointMoments.Result moments =
                fit.moments(choice.kernel(), norm, lacking, in, original, kernel);
        if (moments == null) {
            return new Flow(
                    original, in.compressed().stream().map(l -> forward(dense, l)).toList());
        }
        Block made = Layers.newDense(layer);
        double[] bias = layer.bias() ? LayerFit.bias(layer, moments.kernel(), moments) : null;
        take(dense, made, "weight", moments.kernel());
        take(dense, made, "bias", bias);
        NDArray weight = dense.getDirectParameters().get("weight").getArray();
        made.initialize(manager, weight.getDataType(), choice.leaf().input());
        return new Flow(original, in.compressed().stream().map(l -> forward(made, l)).toList());
    }

    /** Notes numbers for a parameter, and gives them to a stand-in for the layer. */
    private void take(Block dense, Block made, String name, double... values) {
        if (values != null) {
            Parameter parameter = dense.getDirectParameters().get(name);
            NDArray like = parameter.getArray();
            refitted.put(parameter, values);
            made.getDirectParameters()
                    .get(name)
                    .setArray(
                            RealArrays.create(
                                    manager, values, like.getShape(), like.getDataType()));
        }
    }

    /** Whether a layer that stays may get other weights. */
    private boolean isRefitted(LayerChoice choice, Block block) {
        boolean plain =
                (block instanceof Convolution && BlockTree.declares(block, Convolution.class))
                        || (block instanceof Linear && BlockTree.declares(block, Linear.class));
        return choice != null
                && plain
                && places.get(block) == 1
                && block.getDirectParameters().values().stream()
                        .allMatch(p -> p.isInitialized() && p.requiresGradient());
    }

    private TensorialBlock fitted(
            String path,
            LayerChoice choice,
            BatchNorm norm,
            List<NDArray> lacking,
            Flow in,
            List<NDList> original) {
        KernelLayer layer = choice.kernel();
        double[] kernel = KernelWeights.values(choice.leaf());
        JointMoments.Result moments =
                fit.moments(choice.kernel(), norm, lacking, in, original, kernel);
        Decomposition decomposition;
        try {
            decomposition = fit.decompose(path, choice, kernel, moments);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Cannot convert " + BlockTree.shown(path) + ": " + e.getMessage(), e);
        }
        found.put(path, decomposition);
        TensorialBlock block =
                Layers.decomposed(
                        layer,
                        path,
                        decomposition,
                        options,
                        choice.leaf().block(),
                        choice.leaf().input());
        if (layer.bias() && moments != null) {
            setBias(block, layer, decomposition.toKernel(), moments);
        }
        return block;
    }

    private void setBias(
            TensorialBlock block, KernelLayer layer, double[] kernel, JointMoments.Result moments) {
        NDArray array = block.getDirectParameters().get("bias").getArray();
        double[] bias = LayerFit.bias(layer, kernel, moments);
        try (NDArray values =
                RealArrays.create(manager, bias, array.getShape(), array.getDataType())) {
            values.copyTo(array);
        }
    }

    /** Fits a normalisation. */
    private Flow norm(BatchNorm norm, List<NDArray> lacking, Flow in) {
        List<NDList> original = in.original().stream().map(l -> forward(norm, l)).toList();
        ChannelMoments moments = new ChannelMoments(manager);
        for (int n = 0; n < original.size(); n++) {
            NDArray target = original.get(n).head();
            try (NDArray sum = lacking == null ? target.duplicate() : target.add(lacking.get(n))) {
                moments.add(in.compressed().get(n).head(), sum);
            }
        }
        moments.finish();
        NormFit normFit = NormFit.of(norm, moments);
        refitted.putAll(normFit.parameters());
        List<NDList> compressed = new ArrayList<>();
        for (NDList list : in.compressed()) {
            try (NDArray by = LayerFit.perChannel(manager, normFit.scale(), list.head());
                    NDArray plus = LayerFit.perChannel(manager, normFit.shift(), list.head());
                    NDArray scaled = list.head().mul(by)) {
                compressed.add(new NDList(scaled.add(plus)));
            }
        }
        return new Flow(original, compressed);
    }
}
