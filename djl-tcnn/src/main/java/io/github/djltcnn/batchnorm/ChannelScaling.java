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

import ai.djl.nn.ParameterList;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.common.internal.RealArrays;

/** What a batch normalisation does to the output channels of the layer before it, in prediction. */
final class ChannelScaling {

    private final double[] scale;
    private final double[] bias;

    private ChannelScaling(double[] scale, double[] bias) {
        this.scale = scale;
        this.bias = bias;
    }

    /**
     * Reads a normalisation.
     *
     * @param norm the normalisation
     * @param bias the bias of the layer before it; null if it has none
     * @return the scaling, in double precision
     */
    static ChannelScaling of(BatchNorm norm, double[] bias) {
        ParameterList parameters = norm.getDirectParameters();
        double[] mean = RealArrays.toDouble(parameters.get("runningMean").getArray());
        double[] variance = RealArrays.toDouble(parameters.get("runningVar").getArray());
        double[] gamma = RealArrays.toDouble(parameters.get("gamma").getArray());
        double[] beta = RealArrays.toDouble(parameters.get("beta").getArray());
        double[] scale = new double[beta.length];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = gamma[c] / Math.sqrt(variance[c] + DjlInternals.epsilon(norm));
            beta[c] += scale[c] * ((bias == null ? 0 : bias[c]) - mean[c]);
        }
        return new ChannelScaling(scale, beta);
    }

    /** What each channel of the kernel is multiplied by. */
    double[] scale() {
        return scale;
    }

    /** What is added to each channel afterwards; it holds the bias of the layer already. */
    double[] bias() {
        return bias;
    }
}
