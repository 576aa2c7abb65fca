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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/** Means and covariances, channel by channel, of what is given and of what is wanted. */
final class ChannelMoments {

    private final NDManager manager;
    private double[] x;
    private double[] y;
    private double[] xx;
    private double[] xy;
    private double[] yy;
    private double count;

    ChannelMoments(NDManager manager) {
        this.manager = manager;
    }

    /** Adds a batch, channels on axis 1. */
    void add(NDArray given, NDArray wanted) {
        long channels = given.getShape().get(1);
        try (NDArray a = rows(given, channels);
                NDArray b = rows(wanted, channels);
                NDArray ab = a.mul(b);
                NDArray aa = a.mul(a);
                NDArray bb = b.mul(b)) {
            x = plus(x, a);
            y = plus(y, b);
            xy = plus(xy, ab);
            xx = plus(xx, aa);
            yy = plus(yy, bb);
            count += a.getShape().get(1);
        }
    }

    private NDArray rows(NDArray array, long channels) {
        try (NDArray flat = array.reshape(array.getShape().get(0), channels, -1);
                NDArray turned = flat.transpose(1, 0, 2);
                NDArray rows = turned.reshape(channels, -1)) {
            NDArray wide = rows.toType(DataType.FLOAT64, true);
            wide.attach(manager);
            return wide;
        }
    }

    private static double[] plus(double[] sum, NDArray rows) {
        try (NDArray total = rows.sum(new int[] {1})) {
            double[] values = total.toDoubleArray();
            for (int c = 0; c < values.length && sum != null; c++) {
                values[c] += sum[c];
            }
            return values;
        }
    }

    /** Makes means and covariances of the sums. */
    void finish() {
        for (int c = 0; c < x.length; c++) {
            x[c] /= count;
            y[c] /= count;
            xx[c] = Math.max(0, xx[c] / count - x[c] * x[c]);
            yy[c] = Math.max(0, yy[c] / count - y[c] * y[c]);
            xy[c] = xy[c] / count - x[c] * y[c];
        }
    }

    int channels() {
        return x.length;
    }

    double meanX(int c) {
        return x[c];
    }

    double meanY(int c) {
        return y[c];
    }

    double[] means() {
        return x;
    }

    double varianceX(int c) {
        return xx[c];
    }

    /** The variances as batch normalisation keeps them, over one less than the places. */
    double[] variances() {
        double[] variances = xx.clone();
        for (int c = 0; c < variances.length; c++) {
            variances[c] *= count / Math.max(1, count - 1);
        }
        return variances;
    }

    /**
     * The slope of the wanted over the given: halfway between that of least squares, which shrinks
     * a channel that is hardly predicted, and that which keeps the variance, which makes its errors
     * larger. 0 for a channel that is given nothing.
     */
    double slope(int c) {
        if (!(xx[c] > 1e-12 * (x[c] * x[c] + 1e-12))) {
            return 0;
        }
        double least = xy[c] / xx[c];
        return (least + Math.signum(least) * Math.sqrt(yy[c] / xx[c])) / 2;
    }
}
