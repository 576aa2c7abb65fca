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

import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.common.internal.RealArrays;
import java.util.Arrays;
import java.util.IdentityHashMap;

/**
 * A batch normalisation fitted to what it is given and is to give: mean and variance become those
 * of what it is given, scale and shift those that come nearest to what is wanted. Where it has no
 * scale and shift, or they are frozen, they stay.
 *
 * @param scale what each channel is multiplied by in a prediction
 * @param shift what is added then
 * @param parameters the numbers of its parameters
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record NormFit(double[] scale, double[] shift, IdentityHashMap<Parameter, double[]> parameters) {

    static NormFit of(BatchNorm norm, ChannelMoments moments) {
        double epsilon = DjlInternals.epsilon(norm);
        int channels = moments.channels();
        double[] gamma = values(norm, "gamma", 1);
        double[] beta = values(norm, "beta", 0);
        double[] scale = new double[channels];
        double[] shift = new double[channels];
        boolean learns = learns(norm, "gamma") && learns(norm, "beta");
        for (int c = 0; c < channels; c++) {
            double deviation = Math.sqrt(moments.varianceX(c) + epsilon);
            if (learns) {
                gamma[c] = moments.slope(c) * deviation;
                beta[c] = moments.meanY(c);
            }
            scale[c] = gamma[c] / deviation;
            shift[c] = beta[c] - scale[c] * moments.meanX(c);
        }
        IdentityHashMap<Parameter, double[]> parameters = new IdentityHashMap<>();
        parameters.put(parameter(norm, "runningMean"), moments.means());
        parameters.put(parameter(norm, "runningVar"), moments.variances());
        if (learns) {
            parameters.put(parameter(norm, "gamma"), gamma);
            parameters.put(parameter(norm, "beta"), beta);
        }
        return new NormFit(scale, shift, parameters);
    }

    /** What a normalisation multiplies each channel by in a prediction. */
    static double[] scaleOf(BatchNorm norm) {
        double[] variance = values(norm, "runningVar", 1);
        double[] scale = values(norm, "gamma", 1);
        for (int c = 0; c < scale.length; c++) {
            scale[c] /= Math.sqrt(variance[c] + DjlInternals.epsilon(norm));
        }
        return scale;
    }

    private static Parameter parameter(BatchNorm norm, String name) {
        return norm.getDirectParameters().get(name);
    }

    private static boolean learns(BatchNorm norm, String name) {
        return norm.getDirectParameters().contains(name)
                && parameter(norm, name).requiresGradient();
    }

    private static double[] values(BatchNorm norm, String name, double otherwise) {
        if (norm.getDirectParameters().contains(name)) {
            return RealArrays.toDouble(parameter(norm, name).getArray());
        }
        double[] all = new double[(int) parameter(norm, "runningMean").getArray().size()];
        Arrays.fill(all, otherwise);
        return all;
    }
}
