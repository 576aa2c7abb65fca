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
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.ContractionPlanner;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.testing.DenseOracle;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The backward pass, computed as a forward convolution, is the gradient. */
public class ReproducingTransformationTest {

    private static final double TOLERANCE = 1e-10;

    private static final List<String> PLAIN_AND_GROUPED =
            List.of(
                    "i=2 r1=2, r1 w=3 r2=2, r2 o=3",
                    "g=2 i=2 r=2, g r w=3 o=2",
                    "i=2 r=2, h=3 r, w=2 r, r o=3",
                    "g=2 i=2 r=2, g r h=2 o=2 w=3",
                    "i=2 r=2, d=2 r h=3, w=2 r o=2",
                    "g=2 i=2 r=2, g r d=3 h=2 w=2 o=2");

    /**
     * The whole grid: 1 to 3 dimensions, with groups and without, strides 1 to 3, dilation 1 and 2,
     * padding 0 to k.
     */
    @Test
    public void theForwardPassOfTheTransformedNetworkIsTheGradient() {
        int checked = 0;
        for (String line : PLAIN_AND_GROUPED) {
            TensorNetwork network = TensorNetwork.parse(line);
            int dimensions = network.minDimensions();
            Shape spatial = new Shape(5, 7, 6).slice(3 - dimensions);
            for (long stride = 1; stride <= 3; stride++) {
                for (long dilation = 1; dilation <= 2; dilation++) {
                    for (long padding = 0; padding <= 3; padding++) {
                        int fits =
                                check(network, dimensions, stride, padding, dilation, spatial, 1);
                        Assert.assertEquals(fits, 1, line);
                        checked++;
                    }
                }
            }
        }
        Assert.assertEquals(checked, 6 * 3 * 2 * 4);
    }

    /** Networks of every kind, odd remainders among them. */
    @Test
    public void soItIsForNetworksOfEveryKind() {
        int checked = 0;
        for (TensorNetwork network : Networks.listed()) {
            for (long stride = 1; stride <= 3; stride++) {
                long padding = 2 - stride / 2;
                checked += check(network, 2, stride, padding, 1, new Shape(7, 6), 1);
            }
        }
        long seed = 12;
        Random random = new Random(seed);
        for (int n = 0; n < 60; n++) {
            TensorNetwork network = Networks.random(random);
            int least = Math.max(1, network.minDimensions());
            int dimensions = least + random.nextInt(4 - least);
            long[] sizes = random.longs(dimensions, 5, 8).toArray();
            checked +=
                    check(
                            network,
                            dimensions,
                            1 + random.nextInt(3),
                            random.nextInt(4),
                            1 + random.nextInt(2),
                            new Shape(sizes),
                            seed + n);
        }
        Assert.assertTrue(checked > 80, checked + " cases fitted");
    }

    private static int check(
            TensorNetwork network,
            int dimensions,
            long stride,
            long padding,
            long dilation,
            Shape spatial,
            long seed) {
        Shape kernel = network.kernelShape(dimensions);
        long[] paddings = new long[dimensions];
        for (int axis = 0; axis < dimensions; axis++) {
            paddings[axis] = Math.min(padding, kernel.get(axis));
        }
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        kernel,
                        Networks.fill(dimensions, stride),
                        new Shape(paddings),
                        Networks.fill(dimensions, dilation));
        for (int axis = 0; axis < dimensions; axis++) {
            long span = dilation * (geometry.kernel().get(axis) - 1);
            if (spatial.get(axis) + 2 * paddings[axis] <= span) {
                return 0;
            }
        }
        ReproducingTransformation backward =
                ReproducingTransformation.backward(network, geometry, spatial);
        DenseOracle oracle = new DenseOracle(network, geometry);
        Random random = new Random(seed);
        List<double[]> values = DenseOracle.randomCores(network, random);
        Shape x = new Shape(2, network.inputChannels()).addAll(spatial);
        Shape y = oracle.outputShape(x);
        double[] dy = random.doubles(y.size(), -1, 1).toArray();
        double[] expected = oracle.inputGradient(dy, x, oracle.kernel(values));
        String what = network + " " + geometry + " on " + x + "\n" + backward;

        try (NDManager manager = NDManager.newBaseManager()) {
            NDList cores = new NDList();
            for (int n = 0; n < values.size(); n++) {
                Core core = network.cores().get(n);
                cores.add(manager.create(values.get(n), core.shape()));
            }
            NDArray gradient = manager.create(dy, y);
            NDArray prepared = backward.prepare(gradient);
            NDList flipped = backward.flip(cores);
            int owned = manager.getManagedArrays().size();
            Assert.assertEquals(owned, 2 * cores.size() + 2, what);
            NDArray dx =
                    ContractionPlanner.create(backward.network(), backward.geometry())
                            .plan(prepared.getShape(), false)
                            .execute(prepared, flipped, null);
            Assert.assertEquals(dx.getShape(), x, what);
            assertClose(dx.toDoubleArray(), expected, what);

            NDArray input = manager.create(random.doubles(x.size()).toArray(), x);
            assertClose(autograd(network, geometry, input, cores, gradient), expected, what);
        }
        // Fan-out is the fan-in of the transformed convolution, to the stride's zeros.
        Assert.assertEquals(
                Fans.nominal(network).out(), Fans.nominal(backward.network()).in(), 1e-9);
        return 1;
    }

    private static double[] autograd(
            TensorNetwork network,
            ConvolutionGeometry geometry,
            NDArray input,
            NDList cores,
            NDArray gradient) {
        input.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray y =
                    ContractionPlanner.create(network, geometry)
                            .plan(input.getShape(), true)
                            .execute(input, cores, null);
            collector.backward(y.mul(gradient).sum());
        }
        return input.getGradient().toDoubleArray();
    }

    private static void assertClose(double[] actual, double[] expected, String what) {
        double scale = 1;
        for (double value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            Assert.assertEquals(actual[i], expected[i], TOLERANCE * scale, what);
        }
    }

    @Test
    public void itCanBeLookedAt() {
        TensorNetwork network = TensorNetwork.parse("i=4 r=2, r h=3 w=3, r o=6");
        ReproducingTransformation backward =
                ReproducingTransformation.backward(
                        network, Networks.geometry(network, 2, 1), new Shape(8, 7));
        Assert.assertEquals(
                backward.toString(),
                """
                backward network  o=4 r=2, r h=3 w=3, r i=6
                zeros between     [1, 1]
                zeros at the ends [1, 1] [2, 1]
                kernel            flipped, stride 1, dilation [1, 1]""");
        try (NDManager manager = NDManager.newBaseManager()) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> backward.prepare(manager.zeros(new Shape(1, 6, 4))));
            Assert.assertTrue(e.getMessage().contains("(1, 6, 4)"), e.getMessage());
            Assert.expectThrows(IllegalArgumentException.class, () -> backward.flip(new NDList()));
        }
    }
}
