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
package io.github.djltcnn.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.common.internal.Texts;
import java.util.List;

/**
 * How a model is exported.
 *
 * @since 0.1.0
 */
public final class ExportOptions {

    private static final float LARGEST_PIXEL = 255f;

    private final boolean factorised;
    private final boolean foldBatchNorms;
    private final boolean pixels;
    private final float[] means;
    private final float[] deviations;
    private final List<String> labels;
    private final long batch;
    private final DataType type;
    private final boolean nonFinite;

    private ExportOptions(Builder builder) {
        factorised = builder.factorised;
        foldBatchNorms = builder.foldBatchNorms;
        pixels = builder.pixels;
        means = builder.means;
        deviations = builder.deviations;
        labels = builder.labels;
        batch = builder.batch;
        type = builder.type;
        nonFinite = builder.nonFinite;
    }

    /**
     * Returns the options of an export without wishes: contracted weights where these are faster,
     * batch normalization folded, no preprocessing, no labels of its own.
     *
     * @return the options
     */
    public static ExportOptions standard() {
        return builder().build();
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The same options with labels. */
    ExportOptions withLabels(List<String> others) {
        Builder builder = new Builder();
        builder.factorised = factorised;
        builder.foldBatchNorms = foldBatchNorms;
        builder.pixels = pixels;
        builder.means = means;
        builder.deviations = deviations;
        builder.batch = batch;
        builder.type = type;
        builder.nonFinite = nonFinite;
        return builder.optLabels(others).build();
    }

    boolean isFactorised() {
        return factorised;
    }

    boolean isFoldBatchNorms() {
        return foldBatchNorms;
    }

    boolean isNonFinite() {
        return nonFinite;
    }

    /** The labels, or null. */
    List<String> labels() {
        return labels;
    }

    long batch() {
        return batch;
    }

    DataType type() {
        return type;
    }

    /** What is done with the input before the model. */
    NDList prepare(NDList inputs) {
        NDArray x = inputs.head();
        if (means == null && !pixels) {
            return inputs;
        }
        // (x / 255 - mean) / deviation as one product and one sum.
        int channels = means == null ? 1 : means.length;
        float[] factors = new float[channels];
        float[] shifts = new float[channels];
        for (int n = 0; n < channels; n++) {
            double deviation = deviations == null ? 1 : deviations[n];
            factors[n] = (float) (1 / (deviation * (pixels ? LARGEST_PIXEL : 1)));
            shifts[n] = means == null ? 0 : (float) (-means[n] / deviation);
        }
        Shape perChannel = new Shape(1, channels, 1, 1);
        NDArray scaled =
                x.mul(x.getManager().create(factors, perChannel).toType(x.getDataType(), false));
        if (means != null) {
            scaled =
                    scaled.add(
                            x.getManager()
                                    .create(shifts, perChannel)
                                    .toType(x.getDataType(), false));
        }
        NDList prepared = new NDList(scaled);
        prepared.addAll(inputs.subNDList(1));
        return prepared;
    }

    /** Refuses preprocessing that does not fit an input. */
    void check(Shape input) {
        if ((pixels || means != null)
                && (input.dimension() != 4
                        || (means != null && input.get(1) != means.length && means.length != 1))) {
            throw new IllegalArgumentException(
                    "Preprocessing is for images, (batch, channels, height, width), with a mean and"
                            + " a deviation for each channel; got "
                            + (means == null ? 0 : means.length)
                            + " means for input "
                            + input);
        }
    }

    /**
     * Builds {@link ExportOptions}.
     *
     * @since 0.1.0
     */
    public static final class Builder {

        private boolean factorised;
        private boolean foldBatchNorms = true;
        private boolean pixels;
        private float[] means;
        private float[] deviations;
        private List<String> labels;
        private long batch = 1;
        private DataType type = DataType.FLOAT32;
        private boolean nonFinite;

        Builder() {}

        /**
         * Sets whether the file keeps the cores of tensorial layers, which makes it small; what
         * they contract to is then computed at each call. False by default: the file holds
         * contracted weights wherever the layer is planned so.
         *
         * @param factorised whether to keep the cores
         * @return this builder
         */
        public Builder optFactorised(boolean factorised) {
            this.factorised = factorised;
            return this;
        }

        /**
         * Sets whether batch normalization is put into the weights before it; true by default.
         *
         * @param foldBatchNorms whether to
         * @return this builder
         */
        public Builder optFoldBatchNorms(boolean foldBatchNorms) {
            this.foldBatchNorms = foldBatchNorms;
            return this;
        }

        /**
         * Sets whether the exported model takes pixels from 0 to 255 and divides them by 255
         * itself; false by default.
         *
         * @param pixels whether it takes pixels
         * @return this builder
         */
        public Builder optPixels(boolean pixels) {
            this.pixels = pixels;
            return this;
        }

        /**
         * Sets the mean and the standard deviation of each channel, for pixels from 0 to 1, by
         * which the exported model normalizes its input itself.
         *
         * @param means the means
         * @param deviations the standard deviations, above 0
         * @return this builder
         * @throws IllegalArgumentException if they are not as many, or a deviation is not above 0
         */
        public Builder optNormalize(float[] means, float[] deviations) {
            boolean fit = means.length > 0 && means.length == deviations.length;
            for (int n = 0; fit && n < means.length; n++) {
                fit =
                        Float.isFinite(means[n])
                                && Float.isFinite(deviations[n])
                                && deviations[n] > 0;
            }
            if (!fit) {
                throw new IllegalArgumentException(
                        "A mean and a standard deviation above 0 for each channel are needed, got "
                                + java.util.Arrays.toString(means)
                                + " and "
                                + java.util.Arrays.toString(deviations));
            }
            this.means = means.clone();
            this.deviations = deviations.clone();
            return this;
        }

        /**
         * Sets the labels of the classes, to be written beside the file. By default those of the
         * model, if it has any.
         *
         * @param labels the labels in the order of the outputs
         * @return this builder
         */
        public Builder optLabels(List<String> labels) {
            for (String label : labels) {
                Texts.checkText(label);
                if (label.indexOf('\n') >= 0 || label.indexOf('\r') >= 0) {
                    throw new IllegalArgumentException(
                            "A label is one line of text, got \"" + label + '"');
                }
            }
            this.labels = List.copyOf(labels);
            return this;
        }

        /**
         * Sets the batch size for which tensorial layers are planned, 1 by default. The exported
         * model takes any.
         *
         * @param batch the batch size, above 0
         * @return this builder
         * @throws IllegalArgumentException if it is below 1
         */
        public Builder optBatch(long batch) {
            if (batch < 1) {
                throw new IllegalArgumentException("A batch has at least one input, got " + batch);
            }
            this.batch = batch;
            return this;
        }

        /**
         * Sets the data type of the input, float32 by default.
         *
         * @param type the data type
         * @return this builder
         */
        public Builder optDataType(DataType type) {
            this.type = type;
            return this;
        }

        /**
         * Sets whether a model is exported some of whose parameters are infinite or not a number,
         * as after a training that diverged. It is refused by default.
         *
         * @param nonFinite true to export it all the same
         * @return this builder
         */
        public Builder optNonFinite(boolean nonFinite) {
            this.nonFinite = nonFinite;
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         */
        public ExportOptions build() {
            return new ExportOptions(this);
        }
    }
}
