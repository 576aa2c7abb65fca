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
package io.github.djltcnn.initializer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.nn.TensorialConv2d;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * The default initializer through real blocks: features keep their second moment under fan-in,
 * gradients theirs under fan-out, up to the share of the window that is live, for every ready-made
 * format, small and large ranks, strides and paddings.
 */
public class FormatMomentsTest {

    private static final int DRAWS = 60;
    private static final Shape INPUT = new Shape(1, 4, 6, 5);

    private static List<TensorFormat> formats(int rank) {
        return List.of(
                TensorFormats.dense(),
                TensorFormats.cp(Rank.of(rank)),
                TensorFormats.cpJoint(Rank.of(rank)),
                TensorFormats.tucker2(Rank.of(rank)),
                TensorFormats.hyperTucker2(Rank.of(rank)),
                TensorFormats.tensorTrain(Rank.of(rank)),
                TensorFormats.tensorTrainMatrix(Rank.of(rank)),
                TensorFormats.tensorRing(Rank.of(rank)),
                TensorFormats.blockTerm(2, Rank.of(rank)));
    }

    @Test
    public void secondMomentsAreGainTimesLiveTapsOverTaps() {
        List<Double> scores = new ArrayList<>();
        StringBuilder far = new StringBuilder();
        for (int rank : new int[] {2, 4, 16}) {
            for (TensorFormat format : formats(rank)) {
                for (int setting = 0; setting < 4; setting++) {
                    long stride = 1 + setting / 2;
                    long padding = setting % 2;
                    double[] pair = scores(format, stride, padding, scores.size());
                    for (double score : pair) {
                        scores.add(score);
                        if (Math.abs(score) > 3) {
                            far.append(
                                    String.format(
                                            Locale.ROOT,
                                            "%s stride %d padding %d: %.2f; ",
                                            format.name(),
                                            stride,
                                            padding,
                                            score));
                        }
                    }
                }
            }
        }
        double mean = scores.stream().mapToDouble(z -> z).average().orElseThrow();
        double square = scores.stream().mapToDouble(z -> z * z).average().orElseThrow();
        long beyond = scores.stream().filter(z -> Math.abs(z) > 3).count();
        double farthest = scores.stream().mapToDouble(Math::abs).max().orElseThrow();
        String text =
                String.format(
                        Locale.ROOT,
                        "%d scores: mean %.3f, square %.3f, farthest %.2f; %s",
                        scores.size(),
                        mean,
                        square,
                        farthest,
                        far);
        // Student's law of 59 degrees of freedom leaves 0.4 percent beyond 3, here 0.9 of 216.
        Assert.assertTrue(Math.abs(mean) < 0.3, text);
        Assert.assertTrue(square > 0.6 && square < 1.5, text);
        Assert.assertTrue(beyond <= 4, text);
        Assert.assertTrue(farthest < 4.5, text);
    }

    private static double[] scores(TensorFormat format, long stride, long padding, long seed) {
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        new Shape(3, 3),
                        new Shape(stride, stride),
                        new Shape(padding, padding),
                        new Shape(1, 1));
        Shape out = geometry.outputShape(INPUT.slice(2));
        double live = 1;
        for (int axis = 0; axis < 2; axis++) {
            live *= (double) geometry.liveTaps(axis, INPUT.get(axis + 2));
        }
        double forward = 2 * live / (double) out.size() / 9;
        double backward = 2 * live / (double) INPUT.slice(2).size() / 9;
        return new double[] {
            score(format, geometry, TensorialInitializer.fanIn().withSeed(seed), false, forward),
            score(format, geometry, TensorialInitializer.fanOut().withSeed(seed), true, backward)
        };
    }

    private static double score(
            TensorFormat format,
            ConvolutionGeometry geometry,
            TensorialInitializer initializer,
            boolean gradient,
            double expected) {
        Random random = new Random(7);
        double sum = 0;
        double squares = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            try (NDManager manager = NDManager.newBaseManager()) {
                Block block =
                        TensorialConv2d.builder()
                                .setFormat(format)
                                .setKernelShape(geometry.kernel())
                                .setFilters(6)
                                .optStride(geometry.stride())
                                .optPadding(geometry.padding())
                                .optBias(false)
                                .build();
                block.setInitializer(initializer, Parameter.Type.WEIGHT);
                block.initialize(manager, DataType.FLOAT64, INPUT);
                double moment =
                        gradient
                                ? gradient(block, random, manager)
                                : output(block, random, manager);
                sum += moment / expected;
                squares += moment * moment / expected / expected;
            }
        }
        double mean = sum / DRAWS;
        double variance = (squares - DRAWS * mean * mean) / (DRAWS - 1);
        return (mean - 1) / Math.sqrt(variance / DRAWS);
    }

    /** The second moment of the output for inputs of second moment 1 and mean 1/2. */
    private static double output(Block block, Random random, NDManager manager) {
        NDArray x = signs(INPUT, random, manager);
        NDArray y =
                block.forward(new ParameterStore(manager, false), new NDList(x), false)
                        .singletonOrThrow();
        return y.square().mean().getDouble();
    }

    /** The second moment of the input's gradient for such gradients of the output. */
    private static double gradient(Block block, Random random, NDManager manager) {
        NDArray x = signs(INPUT, random, manager);
        x.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray y =
                    block.forward(new ParameterStore(manager, false), new NDList(x), true)
                            .singletonOrThrow();
            collector.backward(y.mul(signs(y.getShape(), random, manager)).sum());
        }
        return x.getGradient().square().mean().getDouble();
    }

    private static NDArray signs(Shape shape, Random random, NDManager manager) {
        return manager.create(
                random.doubles(shape.size()).map(u -> u < 0.75 ? 1 : -1).toArray(), shape);
    }
}
