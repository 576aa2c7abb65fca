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
package io.github.djltcnn.finetuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.NormPair;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.contraction.KernelContraction;
import io.github.djltcnn.models.internal.Structure;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The first convolution for another number of channels, so that a grey picture gives what it gave.
 *
 * <p>With kernels K_c, means m_c and deviations d_c of the channels, a grey picture x gives {@code
 * sum_c K_c * (x - m_c) / d_c = A * x - B}, A = sum_c K_c / d_c, B = sum_c K_c m_c / d_c. To grey:
 * the new kernel is d A, with d and m such that A m is as near to B as can be; what is left, E =
 * sum over the window of (B - A m), is the same for all pixels within the picture, and goes to the
 * running mean of the normalisation behind, or off the bias. To colours: every channel gets K
 * divided by the number of channels, and m and d stay one number for all.
 */
final class StemChange {

    private final String network;
    private final Map<String, NDArray> arrays;
    private final List<Float> mean;
    private final List<Float> deviation;
    private final String note;

    private StemChange(
            String network,
            Map<String, NDArray> arrays,
            List<Float> mean,
            List<Float> deviation,
            String note) {
        this.network = network;
        this.arrays = arrays;
        this.mean = mean;
        this.deviation = deviation;
        this.note = note;
    }

    /**
     * Computes the change.
     *
     * @param leaves the leaves of the model
     * @param stem its first layer with a kernel, a convolution without groups
     * @param channels the new number of channels
     * @param mean the means of the old channels; none if the model does not normalise
     * @param deviation the deviations
     * @param manager takes the new arrays
     * @return the change
     */
    static StemChange of(
            List<BlockTree.Leaf> leaves,
            BlockTree.Leaf stem,
            long channels,
            float[] mean,
            float[] deviation,
            NDManager manager) {
        return new Computation(leaves, stem, channels, mean, deviation, manager).run();
    }

    /**
     * The same network with another size of the only mode of a role.
     *
     * @return the network; null if there are several modes of the role, or several cores have it
     */
    static TensorNetwork withSize(TensorNetwork network, Role role, long size) {
        if (core(network, role) < 0) {
            return null;
        }
        List<Core> cores = new ArrayList<>();
        for (Core core : network.cores()) {
            List<Mode> modes = new ArrayList<>();
            for (Mode mode : core.modes()) {
                modes.add(mode.role() == role ? new Mode(mode.name(), size) : mode);
            }
            cores.add(new Core(modes));
        }
        return new TensorNetwork(cores);
    }

    /** The core that alone has the only mode of a role; -1 if there is none. */
    private static int core(TensorNetwork network, Role role) {
        if (network.modes(role).size() != 1) {
            return -1;
        }
        Mode mode = network.modes(role).get(0);
        int found = -1;
        for (int n = 0; n < network.cores().size(); n++) {
            if (network.cores().get(n).contains(mode)) {
                if (found >= 0) {
                    return -1;
                }
                found = n;
            }
        }
        return found;
    }

    /** The network of the new layer in notation, or {@link Structure#DENSE}. */
    String network() {
        return network;
    }

    /** The new numbers of a parameter; null if it keeps its own, or starts fresh. */
    NDArray array(String path) {
        return arrays.get(path);
    }

    List<Float> mean() {
        return mean;
    }

    List<Float> deviation() {
        return deviation;
    }

    String note() {
        return note;
    }

    /** One array along one of whose axes the channels lie. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Channels(double[] values, long[] shape, int axis) {

        static Channels of(NDArray array, int axis) {
            return new Channels(RealArrays.toDouble(array), array.getShape().getShape(), axis);
        }

        /** Sums over the channels, each times a weight, into so many equal channels. */
        NDArray weighted(double[] weights, long channels, NDManager manager, DataType type) {
            long[] sizes = shape.clone();
            sizes[axis] = channels;
            int before = 1;
            for (int n = 0; n < axis; n++) {
                before *= (int) shape[n];
            }
            int old = (int) shape[axis];
            int after = values.length / before / old;
            double[] result = new double[(int) (before * channels * after)];
            for (int b = 0; b < before; b++) {
                for (int a = 0; a < after; a++) {
                    double sum = 0;
                    for (int c = 0; c < old; c++) {
                        sum += weights[c] * values[(b * old + c) * after + a];
                    }
                    for (int c = 0; c < channels; c++) {
                        result[(int) (b * channels + c) * after + a] = sum;
                    }
                }
            }
            return RealArrays.create(manager, result, new Shape(sizes), type);
        }
    }

    private static final class Computation {

        private final List<BlockTree.Leaf> leaves;
        private final BlockTree.Leaf stem;
        private final long channels;
        private final float[] mean;
        private final float[] deviation;
        private final NDManager manager;
        private final int old;
        private final KernelLayer layer;
        private final Map<String, NDArray> arrays = new HashMap<>();
        private String network = Structure.DENSE;

        Computation(
                List<BlockTree.Leaf> leaves,
                BlockTree.Leaf stem,
                long channels,
                float[] mean,
                float[] deviation,
                NDManager manager) {
            this.leaves = leaves;
            this.stem = stem;
            this.channels = channels;
            this.mean = mean;
            this.deviation = deviation;
            this.manager = manager;
            layer = KernelLayer.of(stem.block(), stem.input());
            old = Math.toIntExact(layer.spec().inputChannels());
        }

        StemChange run() {
            if (channels != 1 && old != 1) {
                return neither();
            }
            double[] weights = new double[old];
            Arrays.fill(weights, 1.0 / channels);
            if (mean.length <= 1) {
                adapt(weights);
                return change(mean, deviation, "");
            }
            return mean.length == old ? toGrey(weights) : neither();
        }

        /** What other channels mean, such as infrared, nobody said. */
        private StemChange neither() {
            float[] m = mean.length <= 1 ? mean : new float[] {average(mean)};
            float[] d = deviation.length <= 1 ? deviation : new float[] {average(deviation)};
            if (stem.block() instanceof TensorialBlock block) {
                TensorNetwork other = withSize(block.getNetwork(), Role.INPUT, channels);
                network = other == null ? Structure.DENSE : other.toString();
            }
            return new StemChange(
                    network,
                    Map.of(),
                    list(m),
                    list(d),
                    "The first layer "
                            + stem.path()
                            + " starts fresh: from "
                            + old
                            + " to "
                            + channels
                            + " channels there is no rule; from and to grey there is."
                            + (mean.length > 1 ? " All channels are normalised alike now." : ""));
        }

        private StemChange toGrey(double[] weights) {
            double[] kernel = kernel();
            int window = kernel.length / old / outputs();
            double[] a = new double[outputs() * window];
            double[] b = new double[outputs() * window];
            for (int o = 0; o < outputs(); o++) {
                for (int c = 0; c < old; c++) {
                    for (int w = 0; w < window; w++) {
                        double k = kernel[(o * old + c) * window + w] / deviation[c];
                        a[o * window + w] += k;
                        b[o * window + w] += k * mean[c];
                    }
                }
            }
            double square = 0;
            double product = 0;
            for (int n = 0; n < a.length; n++) {
                square += a[n] * a[n];
                product += a[n] * b[n];
            }
            // Within the means, whatever rounding does; a stem of zeros has any.
            float m = (float) (square == 0 ? average(mean) : product / square);
            float d = average(deviation);
            for (int c = 0; c < old; c++) {
                weights[c] = d / (double) deviation[c];
            }
            adapt(weights);
            double[] left = new double[outputs()];
            for (int n = 0; n < a.length; n++) {
                left[n / window] += b[n] - a[n] * m;
            }
            String note = absorb(left);
            return change(new float[] {m}, new float[] {d}, note);
        }

        private int outputs() {
            return Math.toIntExact(layer.spec().outputChannels());
        }

        private double[] kernel() {
            if (stem.block() instanceof TensorialBlock block) {
                NDArray kernel =
                        KernelContraction.contract(
                                block.getNetwork(),
                                layer.geometry().numDimensions(),
                                block.getCores(),
                                manager);
                return RealArrays.toDouble(kernel);
            }
            return RealArrays.toDouble(stem.block().getDirectParameters().get("weight").getArray());
        }

        private void adapt(double[] weights) {
            if (!(stem.block() instanceof TensorialBlock block)) {
                NDArray weight = stem.block().getDirectParameters().get("weight").getArray();
                put("weight", Channels.of(weight, 1), weights, weight.getDataType());
                return;
            }
            TensorNetwork before = block.getNetwork();
            TensorNetwork after = withSize(before, Role.INPUT, channels);
            NDList cores = block.getCores();
            if (after == null) {
                // The channels are in several cores: their contraction is as exact, and as small.
                NDArray kernel =
                        KernelContraction.contract(
                                before, layer.geometry().numDimensions(), cores, manager);
                put("weight", Channels.of(kernel, 1), weights, kernel.getDataType());
                return;
            }
            network = after.toString();
            int n = core(before, Role.INPUT);
            int axis = before.cores().get(n).modes().indexOf(before.modes(Role.INPUT).get(0));
            NDArray core = cores.get(n);
            put("core" + (n + 1), Channels.of(core, axis), weights, core.getDataType());
        }

        private void put(String name, Channels values, double[] weights, DataType type) {
            arrays.put(path(name), values.weighted(weights, channels, manager, type));
        }

        private String path(String parameter) {
            return stem.path().isEmpty() ? parameter : stem.path() + "." + parameter;
        }

        /** The means of the channels differ: the layer behind takes up what that makes. */
        private String absorb(double[] left) {
            for (NormPair pair : NormPair.of(leaves)) {
                if (pair.layer().path().equals(stem.path())) {
                    Block norm = pair.norm().block();
                    add(pair.norm().path() + ".runningMean", norm, "runningMean", left, 1);
                    return "";
                }
            }
            if (stem.block().getDirectParameters().contains("bias")) {
                add(path("bias"), stem.block(), "bias", left, -1);
                return "";
            }
            return " The means of the channels differ, and no bias or normalisation follows to take"
                    + " that up: grey pictures give other answers than before.";
        }

        private void add(String path, Block block, String name, double[] left, int sign) {
            Parameter parameter = block.getDirectParameters().get(name);
            NDArray array = parameter.getArray();
            double[] values = RealArrays.toDouble(array);
            for (int n = 0; n < values.length; n++) {
                values[n] += sign * left[n];
            }
            arrays.put(
                    path,
                    RealArrays.create(manager, values, array.getShape(), array.getDataType()));
        }

        private StemChange change(float[] m, float[] d, String note) {
            return new StemChange(
                    network,
                    arrays,
                    list(m),
                    list(d),
                    "The first layer "
                            + stem.path()
                            + " takes "
                            + channels
                            + " channels in the place of "
                            + old
                            + "; a grey picture gives what it gave."
                            + note);
        }

        private static float average(float[] numbers) {
            double sum = 0;
            for (float number : numbers) {
                sum += number;
            }
            return (float) (sum / numbers.length);
        }

        private static List<Float> list(float[] numbers) {
            List<Float> list = new ArrayList<>();
            for (float number : numbers) {
                list.add(number);
            }
            return list;
        }
    }
}
