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
package io.github.djltcnn.contraction;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.RandomNetworks;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * All orders of one network agree, forward and in every gradient, on random networks, geometries,
 * layouts and group counts.
 */
public class RandomContractionTest {

    private static final int CASES = 300;
    private static final long MOST_NUMBERS = 20_000;

    /** Sixteen roundings of float32. */
    private static final double ROUNDING = 16 * 0x1p-24;

    @Test
    public void allOrdersAgree() {
        long seed = Long.getLong("seed", 20260601L); // -Dseed=.. tries others
        Random random = new Random(seed);
        for (int n = 0; n < CASES; n++) {
            int numDimensions = 1 + random.nextInt(3);
            TensorNetwork network = RandomNetworks.next(random, numDimensions);
            while (network.denseParameterCount() > MOST_NUMBERS) {
                network = RandomNetworks.next(random, numDimensions);
            }
            ConvolutionGeometry geometry = geometry(random, network, numDimensions);
            boolean isDouble = n % 2 == 0;
            check(
                    network,
                    geometry,
                    input(random, network, geometry),
                    isDouble ? DataType.FLOAT64 : DataType.FLOAT32,
                    isDouble ? 1e-10 : 1e-4,
                    "seed " + seed + ", case " + n + ", " + network + ", " + geometry);
        }
    }

    private static ConvolutionGeometry geometry(
            Random random, TensorNetwork network, int numDimensions) {
        long[] stride = new long[numDimensions];
        long[] padding = new long[numDimensions];
        long[] dilation = new long[numDimensions];
        for (int axis = 0; axis < numDimensions; axis++) {
            stride[axis] = 1L + random.nextInt(2);
            padding[axis] = random.nextInt(3);
            dilation[axis] = 1L + random.nextInt(2);
        }
        return new ConvolutionGeometry(
                network.kernelShape(numDimensions),
                new Shape(stride),
                new Shape(padding),
                new Shape(dilation));
    }

    private static Shape input(Random random, TensorNetwork network, ConvolutionGeometry geometry) {
        int numDimensions = geometry.numDimensions();
        long[] shape = new long[numDimensions + 2];
        shape[0] = 1L + random.nextInt(3);
        shape[1] = network.inputChannels();
        for (int axis = 0; axis < numDimensions; axis++) {
            long span = geometry.dilation().get(axis) * (geometry.kernel().get(axis) - 1) + 1;
            shape[axis + 2] = span + random.nextInt(3);
        }
        return new Shape(shape);
    }

    private static void check(
            TensorNetwork network,
            ConvolutionGeometry geometry,
            Shape inputShape,
            DataType dataType,
            double tolerance,
            String what) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList leaves = new NDList();
            for (Core core : network.cores()) {
                leaves.add(manager.randomNormal(core.shape(), dataType));
            }
            NDList cores = new NDList(leaves);
            NDArray bias = manager.randomNormal(new Shape(network.outputChannels()), dataType);
            NDArray x = manager.randomNormal(inputShape, dataType);
            leaves.add(bias);
            leaves.add(x);
            leaves.forEach(leaf -> leaf.setRequiresGradient(true));
            NDArray[] cotangent = {null};
            List<NDArray> expected = null;
            List<NDArray> magnitudes = null;
            for (ContractionPlan plan : Plans.of(network, geometry, inputShape)) {
                List<NDArray> results = results(plan, x, cores, bias, leaves, cotangent);
                if (expected == null) {
                    expected = results;
                    magnitudes = magnitudes(plan, x, cores, bias, cotangent[0]);
                }
                for (int n = 0; n < expected.size(); n++) {
                    double rounding = ROUNDING * value(magnitudes.get(n).max());
                    close(
                            results.get(n),
                            expected.get(n),
                            tolerance,
                            dataType == DataType.FLOAT32 ? rounding : 0,
                            what + ", result " + n);
                }
            }
        }
    }

    /** The results for the absolute values of all arrays: the size of what is summed up. */
    private static List<NDArray> magnitudes(
            ContractionPlan plan, NDArray x, NDList cores, NDArray bias, NDArray cotangent) {
        NDList leaves = new NDList();
        cores.forEach(core -> leaves.add(core.stopGradient().abs()));
        NDList absolute = new NDList(leaves);
        leaves.add(bias.stopGradient().abs());
        leaves.add(x.stopGradient().abs());
        leaves.forEach(leaf -> leaf.setRequiresGradient(true));
        int numCores = cores.size();
        return results(
                plan,
                leaves.get(numCores + 1),
                absolute,
                leaves.get(numCores),
                leaves,
                new NDArray[] {cotangent.abs()});
    }

    private static List<NDArray> results(
            ContractionPlan plan,
            NDArray x,
            NDList cores,
            NDArray bias,
            NDList leaves,
            NDArray[] cotangent) {
        leaves.forEach(leaf -> leaf.getGradient().subi(leaf.getGradient().duplicate()));
        List<NDArray> results = new ArrayList<>();
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray y = plan.execute(MemoryLayouts.lay(x, plan.inputLayout()), cores, bias);
            if (cotangent[0] == null) {
                cotangent[0] = y.getManager().randomNormal(y.getShape(), y.getDataType());
            }
            results.add(y);
            collector.backward(y.mul(cotangent[0]).sum());
        }
        leaves.forEach(leaf -> results.add(leaf.getGradient().duplicate()));
        return results;
    }

    /**
     * Results agree to a tolerance of the largest of them. Where terms cancel, rounding is a part
     * of the terms and not of what is left of them: then so much may differ.
     */
    private static void close(
            NDArray actual, NDArray expected, double tolerance, double rounding, String what) {
        Assert.assertEquals(actual.getShape(), expected.getShape(), what);
        double scale = value(expected.abs().max());
        double difference = value(actual.sub(expected).abs().max());
        Assert.assertTrue(
                difference <= Math.max(rounding, tolerance * Math.max(scale, Double.MIN_NORMAL)),
                what + ": " + difference + " of " + scale);
    }

    private static double value(NDArray number) {
        return number.toType(DataType.FLOAT64, false).getDouble();
    }
}
