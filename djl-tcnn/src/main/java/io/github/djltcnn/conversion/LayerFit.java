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
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.decomposition.KernelWeighting;
import io.github.djltcnn.statistics.LayerStatistics;
import io.github.djltcnn.statistics.ModelStatistics;
import io.github.djltcnn.statistics.internal.JointMoments;
import io.github.djltcnn.statistics.internal.Patches;
import java.util.Arrays;
import java.util.List;

/** Fits single layers to what they are given and are to answer. */
final class LayerFit {

    /** Places of a layer that its moments are taken from. */
    private static final double PLACES = 60_000;

    /** A channel that a normalisation scales by less than this share of the most is left alone. */
    private static final double FAINT = 1e-2;

    private final ModelStatistics statistics;
    private final Decomposer decomposer;
    private final long images;
    private final NDManager manager;

    LayerFit(ModelStatistics statistics, Decomposer decomposer, long images, NDManager manager) {
        this.statistics = statistics;
        this.decomposer = decomposer;
        this.images = images;
        this.manager = manager;
    }

    /**
     * Measures what a layer is given and is to answer.
     *
     * @param norm the normalisation after it; may be null
     * @param lacking what is to be answered besides; may be null
     * @return the moments and the dense kernel that comes nearest; null if the inputs are all alike
     */
    JointMoments.Result moments(
            KernelLayer layer,
            BatchNorm norm,
            List<NDArray> lacking,
            Flow in,
            List<NDList> original,
            double[] kernel) {
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

    /** The cores of a layer. */
    Decomposition decompose(
            String path, LayerChoice choice, double[] kernel, JointMoments.Result moments) {
        if (moments == null) {
            return decomposer.decompose(kernel, choice.kernel().spec(), choice.network());
        }
        double[] output = statistics.layer(path).map(LayerStatistics::output).orElse(null);
        KernelWeighting weighting =
                KernelWeighting.of(choice.kernel().spec(), moments.input(), output);
        return decomposer.decompose(moments.kernel(), choice.network(), weighting);
    }

    /** The bias with which the mean of the outputs is the one that is wanted. */
    static double[] bias(KernelLayer layer, double[] kernel, JointMoments.Result moments) {
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
        double[] scale = NormFit.scaleOf(norm);
        double most = 0;
        for (double s : scale) {
            most = Math.max(most, Math.abs(s));
        }
        double[] inverse = new double[scale.length];
        for (int c = 0; c < scale.length; c++) {
            inverse[c] = Math.abs(scale[c]) > FAINT * most ? 1 / scale[c] : 0;
        }
        try (NDArray by = perChannel(manager, inverse, more)) {
            return more.mul(by);
        }
    }

    /** Numbers along the axis of the channels. */
    static NDArray perChannel(NDManager manager, double[] values, NDArray like) {
        long[] shape = new long[like.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[1] = values.length;
        return RealArrays.create(manager, values, new Shape(shape), like.getDataType());
    }
}
