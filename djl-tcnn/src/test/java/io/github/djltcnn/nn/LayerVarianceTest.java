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
package io.github.djltcnn.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.ChannelPieces;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.initializer.Gain;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.Fans;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.testng.Assert;
import org.testng.Reporter;
import org.testng.annotations.Test;

/**
 * What the initializer promises of a layer, measured by real passes over many draws: {@code E[y^2]
 * / E[x^2]} with fan-in, and the same of the gradients with fan-out, is the gain times the share of
 * taps that padding and stride leave live.
 */
public class LayerVarianceTest {

    private static final long SEED = 20260503;
    private static final int DRAWS = 120;

    /**
     * No case may lie farther off, in standard errors: the farthest of 192 right predictions lies
     * at 2.8 as a rule, and beyond 5 once in ten thousand runs.
     */
    private static final double FARTHEST = 5;

    private static final List<Function<Rank, TensorFormat>> FORMATS =
            List.of(
                    TensorFormats::cp,
                    TensorFormats::cpJoint,
                    TensorFormats::tucker2,
                    TensorFormats::hyperTucker2,
                    TensorFormats::tensorTrain,
                    rank -> TensorFormats.tensorTrainMatrix(rank).withPieces(ChannelPieces.even(2)),
                    TensorFormats::tensorRing,
                    rank -> TensorFormats.blockTerm(2, rank));

    /** Every format at three ranks, two strides, with and without padding, forward and backward. */
    @Test
    public void secondMomentsAreGainTimesLiveTaps() {
        List<Double> scores = new ArrayList<>();
        for (Function<Rank, TensorFormat> format : FORMATS) {
            for (int rank : new int[] {2, 4, 16}) {
                for (int stride : new int[] {1, 2}) {
                    for (int padding : new int[] {0, 1}) {
                        measure(format.apply(Rank.of(rank)), stride, padding, scores);
                    }
                }
            }
        }
        Assert.assertEquals(scores.size(), 192);
        double mean = scores.stream().mapToDouble(z -> z).average().orElseThrow();
        double square = scores.stream().mapToDouble(z -> z * z).average().orElseThrow();
        double deviation = Math.sqrt(square - mean * mean);
        String text = "192 scores: mean " + mean + ", deviation " + deviation;
        Reporter.log(text, true);
        // The standard errors of mean and deviation are 0.07 and 0.05 if all predictions are right.
        Assert.assertTrue(Math.abs(mean) < 0.3, text);
        Assert.assertTrue(deviation > 0.75 && deviation < 1.25, text);
    }

    private static void measure(TensorFormat format, int stride, int padding, List<Double> scores) {
        Shape inputShape = new Shape(2, 8, 7, 7);
        TensorialConv2d conv =
                TensorialConv2d.builder()
                        .setFormat(format)
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(12)
                        .optStride(new Shape(stride, stride))
                        .optPadding(new Shape(padding, padding))
                        .optBias(false)
                        .build();
        try (NDManager manager = NDManager.newBaseManager()) {
            conv.initialize(manager, DataType.FLOAT32, inputShape);
            Fans nominal = Fans.nominal(conv.getNetwork());
            Fans exact = Fans.exact(conv.getNetwork(), conv.getGeometry(), new Shape(7, 7));
            double gain = Gain.relu().variance();
            for (boolean forward : new boolean[] {true, false}) {
                // Draws of their own for each case, so that the scores do not depend on each other.
                long seed = SEED + scores.size();
                TensorialInitializer initializer =
                        (forward ? TensorialInitializer.fanIn() : TensorialInitializer.fanOut())
                                .withSeed(seed);
                double expected =
                        gain * (forward ? exact.in() / nominal.in() : exact.out() / nominal.out());
                double[] ratios =
                        ratios(
                                conv,
                                initializer,
                                manager,
                                inputShape,
                                new Random(seed),
                                forward,
                                DRAWS);
                double z = score(ratios, expected);
                Assert.assertTrue(
                        Math.abs(z) < FARTHEST,
                        String.format(
                                "%s, stride %d, padding %d, %s, seed %d: %.2f standard errors off",
                                format,
                                stride,
                                padding,
                                forward ? "forward" : "backward",
                                seed,
                                z));
                scores.add(z);
            }
        }
    }

    private static double[] ratios(
            TensorialConv2d conv,
            TensorialInitializer initializer,
            NDManager manager,
            Shape inputShape,
            Random random,
            boolean forward,
            int draws) {
        conv.setInitializer(initializer, Parameter.Type.WEIGHT);
        Shape outputShape = conv.getOutputShapes(new Shape[] {inputShape})[0];
        double[] ratios = new double[draws];
        for (int draw = 0; draw < draws; draw++) {
            conv.getParameters().values().forEach(Parameter::close);
            conv.initialize(manager, DataType.FLOAT32, inputShape);
            // A store of its own: it remembers the arrays it has handed out.
            ParameterStore store = new ParameterStore(manager, false);
            try (NDManager pass = manager.newSubManager();
                    GradientCollector collector = manager.getEngine().newGradientCollector()) {
                // Features after a ReLU: neither centred nor uncorrelated with anything.
                NDArray x = normal(pass, inputShape, random).maximum(0);
                NDArray dy = normal(pass, outputShape, random);
                x.setRequiresGradient(true);
                NDArray y = conv.forward(store, new NDList(x), true).singletonOrThrow();
                if (forward) {
                    ratios[draw] = meanSquare(y) / meanSquare(x);
                } else {
                    collector.backward(y.mul(dy).sum());
                    ratios[draw] = meanSquare(x.getGradient()) / meanSquare(dy);
                }
            }
        }
        return ratios;
    }

    private static NDArray normal(NDManager manager, Shape shape, Random random) {
        float[] values = new float[(int) shape.size()];
        for (int n = 0; n < values.length; n++) {
            values[n] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }

    private static double meanSquare(NDArray array) {
        return array.square().mean().getFloat();
    }

    /** How far the mean of a sample lies from what is expected, in standard errors. */
    private static double score(double[] ratios, double expected) {
        double mean = 0;
        double square = 0;
        for (double ratio : ratios) {
            mean += ratio / ratios.length;
            square += ratio * ratio / ratios.length;
        }
        return (mean - expected) / Math.sqrt((square - mean * mean) / (ratios.length - 1));
    }
}
