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

import io.github.djltcnn.decomposition.KernelWeighting;
import io.github.djltcnn.format.KernelSpec;

/**
 * What one layer is given and what is made of its answers, as far as it is small: moments of
 * channels and of the window apart.
 *
 * @param path the path of the layer
 * @param spec the shape of its kernel
 * @param channels second moments of the input channels of each group, summed over the window
 * @param window second moments of the window of each group, summed over the channels; both have the
 *     same trace, that of the moments of the unfolded input
 * @param output second moments of the gradients of the answers at the outputs of each group; null
 *     if no gradients were measured
 * @param places places of the kernel per image
 * @param centred whether the means of the inputs are taken off, since a bias or a batch
 *     normalisation makes up for them
 * @since 0.2.0
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LayerStatistics(
        String path,
        KernelSpec spec,
        double[] channels,
        double[] window,
        double[] output,
        double places,
        boolean centred) {

    /**
     * Returns the weighting of errors of the kernel: {@code S} as the product of the moments of
     * channels and window, and the moments of the gradients as {@code G}.
     *
     * @return the weighting
     */
    public KernelWeighting weighting() {
        int groups = Math.toIntExact(spec.groups());
        int inputs = Math.toIntExact(spec.inputChannels() / groups);
        double[] scaled = channels.clone();
        for (int group = 0; group < groups; group++) {
            double trace = 0;
            for (int i = 0; i < inputs; i++) {
                trace += channels[(group * inputs + i) * inputs + i];
            }
            for (int i = 0; i < inputs * inputs; i++) {
                scaled[group * inputs * inputs + i] /= trace > 0 ? trace : 1;
            }
        }
        return KernelWeighting.separable(spec, scaled, window, output);
    }

    /**
     * Returns the square that the answers lose, to second order, if the layer had no kernel.
     *
     * @param kernel the kernel of the layer
     * @return the weight of the kernel times the places of an image, a half of it for each
     */
    public double loss(double[] kernel) {
        return places / 2 * weighting().squaredDistance(kernel, new double[kernel.length]);
    }
}
