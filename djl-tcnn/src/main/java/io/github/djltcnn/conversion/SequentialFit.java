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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
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
import io.github.djltcnn.decomposition.KernelWeighting;
import io.github.djltcnn.nn.NormalizedInput;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.statistics.LayerStatistics;
import io.github.djltcnn.statistics.ModelStatistics;
import io.github.djltcnn.statistics.internal.JointMoments;
import io.github.djltcnn.statistics.internal.Patches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BiFunction;

/**
 * Fits the layers of a model one after another on images: each is given what the layers before it,
 * compressed already, give, and is to answer what the original layer answers. What a residual
 * branch has to answer besides is what its sum lacks: the errors of the branches beside it. Batch
 * normalisations are fitted in closed form to the outputs that are wanted, and biases too.
 *
 * <p>Both networks run side by side, layer by layer, on all images at once. The model itself is not
 * touched before {@link #commit}.
 */
final class SequentialFit extends TreeWalk<SequentialFit.Flow> {

    /** Places of a layer that its moments are taken from. */
    private static final double PLACES = 60_000;

    /** A channel that a normalisation scales by less than this share of the most is left alone. */
    private static final double FAINT = 1e-2;

    private final NDManager manager;
    private final Map<String, LayerChoice> choices = new HashMap<>();
    private final IdentityHashMap<Block, Integer> places = new IdentityHashMap<>();
    private final ModelStatistics statistics;
    private final Decomposer decomposer;
    private final PlannerOptions options;
    private final Progress progress;
    private final Replacement replacement = new Replacement();
    private final Map<String, Decomposition> found = new HashMap<>();
    private final Map<Parameter, double[]> refitted = new IdentityHashMap<>();
    private final long images;

    /** What is to be made good by the next layer, and by which channels. */
    private List<NDArray> wanted;

    private BatchNorm follower;

    /**
     * What flows: the arrays of every batch, in the original and in the compressed network; one
     * list stands for both where nothing was compressed yet.
     */
    record Flow(List<NDList> original, List<NDList> compressed) {

        boolean isSame() {
            return original == compressed;
        }
    }

    SequentialFit(
            List<LayerChoice> chosen,
            ModelStatistics statistics,
            Decomposer decomposer,
            PlannerOptions options,
            Progress progress,
            long images,
            NDManager manager) {
        this.statistics = statistics;
        this.decomposer = decomposer;
        this.options = options;
        this.progress = progress;
        this.images = images;
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
                lacking = lacking(block, outs);
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

    /** What the branches that have run lack, if the block does no more than to add branches up. */
    private List<NDArray> lacking(ParallelBlock block, Flow... outs) {
        List<Flow> done = new ArrayList<>();
        for (Flow flow : outs) {
            if (flow != null) {
                done.add(flow);
            }
        }
        if (done.stream().allMatch(Flow::isSame) || !adds(block, outs.length, done.get(0))) {
            return null;
        }
        List<NDArray> lacking = new ArrayList<>();
        for (int n = 0; n < done.get(0).original().size(); n++) {
            NDArray sum = null;
            for (Flow flow : done) {
                NDArray part = flow.original().get(n).head().sub(flow.compressed().get(n).head());
                if (sum == null) {
                    sum = part;
                } else {
                    sum.addi(part);
                    part.close();
                }
            }
            lacking.add(sum);
        }
        return lacking;
    }

    /** Whether {@code f(a, b) = f(a + b, 0)}, tried on what flows. */
    private static boolean adds(ParallelBlock block, int branches, Flow flow) {
        if (flow.original().get(0).size() != 1) {
            return false;
        }
        NDArray one = flow.original().get(0).head();
        try (NDManager scope = one.getManager().newSubManager()) {
            NDArray a = one.get("0:1");
            a.attach(scope);
            NDArray zero = a.zerosLike();
            List<NDList> apart = new ArrayList<>();
            List<NDList> together = new ArrayList<>();
            NDArray sum = zero;
            for (int n = 0; n < branches; n++) {
                NDArray part =
                        scope.randomNormal(0, 1, a.getShape(), DataType.FLOAT32)
                                .toType(a.getDataType(), false);
                apart.add(new NDList(part));
                together.add(new NDList(zero));
                sum = sum.add(part);
            }
            together.set(0, new NDList(sum));
            NDList left = DjlInternals.function(block).apply(apart);
            NDList right = DjlInternals.function(block).apply(together);
            left.attach(scope);
            right.attach(scope);
            return left.size() == 1
                    && right.size() == 1
                    && left.head().getShape().equals(a.getShape())
                    && left.head().allClose(right.head(), 1e-3, 1e-3, false);
        } catch (RuntimeException e) {
            return false; // it wants other branches than these
        }
    }

    @Override
    protected Flow join(ParallelBlock block, List<Flow> branches) {
        boolean same = branches.stream().allMatch(Flow::isSame);
        int count = branches.get(0).original().size();
        List<NDList> original = new ArrayList<>();
        List<NDList> compressed = same ? original : new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int at = n;
            original.add(
                    DjlInternals.function(block)
                            .apply(branches.stream().map(b -> b.original().get(at)).toList()));
            if (!same) {
                compressed.add(
                        DjlInternals.function(block)
                                .apply(
                                        branches.stream()
                                                .map(b -> b.compressed().get(at))
                                                .toList()));
            }
        }
        return new Flow(original, compressed);
    }

    @Override
    protected Flow normalised(NormalizedInput block, Flow in) {
        return mapped(in, (list, isOriginal) -> normalise(block, list));
    }

    private static Flow mapped(Flow in, BiFunction<NDList, Boolean, NDList> step) {
        List<NDList> original = in.original().stream().map(l -> step.apply(l, true)).toList();
        List<NDList> compressed =
                in.isSame()
                        ? original
                        : in.compressed().stream().map(l -> step.apply(l, false)).toList();
        return new Flow(original, compressed);
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
            out = mapped(in, (list, isOriginal) -> forward(block, list));
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
        JointMoments.Result moments = moments(choice, norm, lacking, in, original, kernel);
        if (moments == null) {
            return new Flow(
                    original, in.compressed().stream().map(l -> forward(dense, l)).toList());
        }
        Block made = Layers.newDense(layer);
        double[] bias = layer.bias() ? bias(layer, moments.kernel(), moments) : null;
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
        JointMoments.Result moments = moments(choice, norm, lacking, in, original, kernel);
        Decomposition decomposition;
        try {
            decomposition = decompose(path, choice, kernel, moments);
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

    private JointMoments.Result moments(
            LayerChoice choice,
            BatchNorm norm,
            List<NDArray> lacking,
            Flow in,
            List<NDList> original,
            double[] kernel) {
        KernelLayer layer = choice.kernel();
        boolean centred = layer.bias() || norm != null;
        int step = Patches.step(layer, images, PLACES);
        try (JointMoments sums = new JointMoments(layer, step, centred, manager)) {
            for (int n = 0; n < original.size(); n++) {
                NDArray target = original.get(n).head();
                if (lacking == null) {
                    sums.add(in.compressed().get(n).head(), target, n);
                } else {
                    try (NDArray more = unscaled(lacking.get(n), norm);
                            NDArray sum = target.add(more)) {
                        sums.add(in.compressed().get(n).head(), sum, n);
                    }
                }
            }
            return sums.solve(kernel);
        }
    }

    private Decomposition decompose(
            String path, LayerChoice choice, double[] kernel, JointMoments.Result moments) {
        if (moments == null) {
            return decomposer.decompose(kernel, choice.kernel().spec(), choice.network());
        }
        double[] output = statistics.layer(path).map(LayerStatistics::output).orElse(null);
        KernelWeighting weighting =
                KernelWeighting.of(choice.kernel().spec(), moments.input(), output);
        return decomposer.decompose(moments.kernel(), choice.network(), weighting);
    }

    private void setBias(
            TensorialBlock block, KernelLayer layer, double[] kernel, JointMoments.Result moments) {
        NDArray array = block.getDirectParameters().get("bias").getArray();
        double[] bias = bias(layer, kernel, moments);
        try (NDArray values =
                RealArrays.create(manager, bias, array.getShape(), array.getDataType())) {
            values.copyTo(array);
        }
    }

    /** The bias with which the mean of the outputs is the one that is wanted. */
    private static double[] bias(KernelLayer layer, double[] kernel, JointMoments.Result moments) {
        double[] bias = moments.outputMeans().clone();
        int columns = kernel.length / bias.length;
        int perGroup = bias.length / Math.toIntExact(layer.spec().groups());
        for (int row = 0; row < bias.length; row++) {
            for (int i = 0; i < columns; i++) {
                bias[row] -=
                        kernel[row * columns + i]
                                * moments.inputMeans()[row / perGroup * columns + i];
            }
        }
        return bias;
    }

    /** What a normalisation would have to be given besides to give so much more. */
    private NDArray unscaled(NDArray more, BatchNorm norm) {
        if (norm == null) {
            return more.duplicate();
        }
        double[] scale = Affine.of(norm).scale();
        double most = 0;
        for (double s : scale) {
            most = Math.max(most, Math.abs(s));
        }
        double[] inverse = new double[scale.length];
        for (int c = 0; c < scale.length; c++) {
            inverse[c] = Math.abs(scale[c]) > FAINT * most ? 1 / scale[c] : 0;
        }
        try (NDArray by = perChannel(inverse, more)) {
            return more.mul(by);
        }
    }

    private NDArray perChannel(double[] values, NDArray like) {
        long[] shape = new long[like.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[1] = values.length;
        return RealArrays.create(manager, values, new Shape(shape), like.getDataType());
    }

    /** A normalisation as it predicts: {@code scale x + shift} per channel. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Affine(double[] scale, double[] shift) {

        static Affine of(BatchNorm norm) {
            double[] mean = values(norm, "runningMean", 0);
            double[] variance = values(norm, "runningVar", 1);
            double[] gamma = values(norm, "gamma", 1);
            double[] beta = values(norm, "beta", 0);
            double[] scale = new double[mean.length];
            double[] shift = new double[mean.length];
            for (int c = 0; c < mean.length; c++) {
                scale[c] = gamma[c] / Math.sqrt(variance[c] + DjlInternals.epsilon(norm));
                shift[c] = beta[c] - scale[c] * mean[c];
            }
            return new Affine(scale, shift);
        }

        private static double[] values(BatchNorm norm, String name, double otherwise) {
            if (norm.getDirectParameters().contains(name)) {
                return RealArrays.toDouble(norm.getDirectParameters().get(name).getArray());
            }
            int size = (int) norm.getDirectParameters().get("runningMean").getArray().size();
            double[] all = new double[size];
            Arrays.fill(all, otherwise);
            return all;
        }
    }

    /**
     * Fits a normalisation: the mean and variance become those of what it is given, and scale and
     * shift those that come nearest to what it is to give.
     */
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
        double epsilon = DjlInternals.epsilon(norm);
        int channels = moments.channels();
        Affine before = Affine.of(norm);
        double[] gamma = new double[channels];
        double[] beta = new double[channels];
        double[] scale = new double[channels];
        double[] shift = new double[channels];
        boolean learns = learns(norm, "gamma") && learns(norm, "beta");
        for (int c = 0; c < channels; c++) {
            double deviation = Math.sqrt(moments.varianceX(c) + epsilon);
            double slope = moments.slope(c);
            scale[c] = learns ? slope : before.scale()[c];
            shift[c] = moments.meanY(c) - scale[c] * moments.meanX(c);
            gamma[c] = scale[c] * deviation;
            beta[c] = moments.meanY(c);
        }
        if (learns) {
            set(norm, "gamma", gamma);
            set(norm, "beta", beta);
        }
        set(norm, "runningMean", moments.means());
        set(norm, "runningVar", moments.variances());
        List<NDList> compressed = new ArrayList<>();
        for (NDList list : in.compressed()) {
            try (NDArray by = perChannel(scale, list.head());
                    NDArray plus = perChannel(shift, list.head());
                    NDArray scaled = list.head().mul(by)) {
                compressed.add(new NDList(scaled.add(plus)));
            }
        }
        return new Flow(original, compressed);
    }

    private static boolean learns(BatchNorm norm, String name) {
        return norm.getDirectParameters().contains(name)
                && norm.getDirectParameters().get(name).requiresGradient();
    }

    private void set(BatchNorm norm, String name, double... values) {
        refitted.put(norm.getDirectParameters().get(name), values);
    }
}
