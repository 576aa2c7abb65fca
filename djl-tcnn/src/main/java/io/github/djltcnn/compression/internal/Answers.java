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
package io.github.djltcnn.compression.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model answers to some images: the likeliest class of each where its output is (batch,
 * classes), the numbers themselves otherwise.
 */
public final class Answers {

    private final List<long[]> classes = new ArrayList<>();
    private final List<float[]> values = new ArrayList<>();
    private final List<long[]> labels = new ArrayList<>();

    private Answers() {}

    /**
     * Asks a model.
     *
     * @param block the model
     * @param sample the images
     * @param between called before each batch
     * @return the answers
     */
    public static Answers of(Block block, Sample sample, Runnable between) {
        Answers answers = new Answers();
        for (Sample.Part part : sample.parts()) {
            between.run();
            try (NDManager scope = part.images().getManager().newSubManager()) {
                NDArray input = part.images().duplicate();
                input.attach(scope);
                NDArray out =
                        block.forward(new ParameterStore(scope, false), new NDList(input), false)
                                .head();
                out.attach(scope);
                answers.add(out, part.labels());
            }
        }
        return answers;
    }

    private void add(NDArray out, NDArray given) {
        if (out.getShape().dimension() == 2) {
            try (NDArray best = out.argMax(1)) {
                classes.add(best.toType(DataType.INT64, false).toLongArray());
            }
            labels.add(given == null ? null : labels(given, out.getShape()));
        } else {
            try (NDArray numbers = out.toType(DataType.FLOAT32, true)) {
                values.add(numbers.toFloatArray());
            }
            labels.add(null);
        }
    }

    /** The class of each image, from numbers or from one share per class; null if it is neither. */
    private static long[] labels(NDArray given, Shape output) {
        Shape shape = given.getShape();
        long images = output.get(0);
        if (shape.dimension() == 2 && shape.equals(output)) {
            try (NDArray best = given.argMax(1)) {
                return best.toType(DataType.INT64, false).toLongArray();
            }
        }
        if (shape.size() != images) {
            return null;
        }
        try (NDArray whole = given.toType(DataType.INT64, true)) {
            long[] numbers = whole.toLongArray();
            for (long number : numbers) {
                if (number < 0 || number >= output.get(1)) {
                    return null;
                }
            }
            return numbers;
        }
    }

    /** Whether the answers are classes. */
    private boolean areClasses() {
        return !classes.isEmpty();
    }

    /**
     * Returns the share of images whose likeliest class is their label.
     *
     * @return the share; NaN if some have no label
     */
    public double accuracy() {
        if (!areClasses() || labels.contains(null)) {
            return Double.NaN;
        }
        return share(classes, labels);
    }

    /**
     * How far the answers are those of another model to the same images.
     *
     * @return the share of images of the same likeliest class; for other outputs one minus the
     *     squared distance relative to the variance of the other's numbers
     */
    public double agreement(Answers other) {
        if (areClasses()) {
            return share(classes, other.classes);
        }
        double sum = 0;
        long n = 0;
        for (float[] part : other.values) {
            for (float value : part) {
                sum += value;
                n++;
            }
        }
        double mean = sum / Math.max(1, n);
        double distance = 0;
        double variance = 0;
        for (int k = 0; k < values.size(); k++) {
            for (int i = 0; i < values.get(k).length; i++) {
                double theirs = other.values.get(k)[i];
                double d = values.get(k)[i] - theirs;
                distance += d * d;
                variance += (theirs - mean) * (theirs - mean);
            }
        }
        return variance > 0 ? 1 - distance / variance : Double.NaN;
    }

    private static double share(List<long[]> ones, List<long[]> others) {
        long same = 0;
        long all = 0;
        for (int k = 0; k < ones.size(); k++) {
            for (int i = 0; i < ones.get(k).length; i++) {
                same += ones.get(k)[i] == others.get(k)[i] ? 1 : 0;
                all++;
            }
        }
        return all == 0 ? Double.NaN : (double) same / all;
    }
}
