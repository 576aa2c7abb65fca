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
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Gradients of the input, every core and the bias against those of the dense convolution pulled
 * back through the contraction of the kernel.
 */
public class ContractionGradientTest {

    @DataProvider
    public Object[][] networks() {
        return new Object[][] {
            {"i=6 r=4, h=3 r, w=3 r, o=8 r", 1},
            {"i=6 r1=3, r1 r2=4 h=3 w=3, r2 o=8", 1},
            {"i1=2 r1=3, r1 i2=3 r2=2, r2 h=3 w=3 r3=2, r3 o1=2 r4=3, r4 o2=4", 1},
            {"h=3 w=3 r0=2, r0 i1=2 o1=4 r1=3, r1 i2=3 o2=2", 1},
            {"r0=3 i1=2 r1=3, r1 i2=3 r2=2, r2 h=3 w=3 r3=2, r3 o1=2 r4=3, r4 o2=4 r0", 1},
            {"i=6 r=4, r h=3 w=3, r o=8", 1},
            {"rb=2 i=6 r1=3, rb r1 r2=2 h=3 w=3, rb r2 o=8", 1},
            {"o=8 i=6 h=3 w=3", 1},
            {"g=2 i=3 r1=3, g r1 r2=2 h=3 w=3, g r2 o=4", 2},
            {"g=2 i=3 r=3, r h=3 w=3, r g o=4", 2},
        };
    }

    @Test(dataProvider = "networks")
    public void gradientsAreThoseOfTheDenseConvolution(String notation, int groups) {
        TensorNetwork network = TensorNetwork.parse(notation);
        for (long stride = 1; stride <= 2; stride++) {
            ConvolutionGeometry geometry =
                    new ConvolutionGeometry(
                            new Shape(3, 3),
                            new Shape(stride, stride),
                            new Shape(1, 1),
                            new Shape(1, 1));
            check(network, geometry, groups);
        }
    }

    private static void check(TensorNetwork network, ConvolutionGeometry geometry, int groups) {
        Shape shape = new Shape(2, network.inputChannels(), 5, 6);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList parameters = new NDList();
            for (Core core : network.cores()) {
                parameters.add(manager.randomNormal(core.shape(), DataType.FLOAT64));
            }
            NDArray bias =
                    manager.randomNormal(new Shape(network.outputChannels()), DataType.FLOAT64);
            NDArray x = manager.randomNormal(shape, DataType.FLOAT64);
            NDList leaves = new NDList(parameters);
            leaves.add(bias);
            leaves.add(x);
            leaves.forEach(leaf -> leaf.setRequiresGradient(true));
            NDArray[] cotangent = {null};
            List<NDArray> expected =
                    gradients(
                            leaves,
                            cotangent,
                            () -> {
                                NDArray kernel =
                                        KernelContraction.contract(network, 2, parameters, manager);
                                return Conv2d.conv2d(
                                                x,
                                                kernel,
                                                bias,
                                                geometry.stride(),
                                                geometry.padding(),
                                                geometry.dilation(),
                                                groups)
                                        .singletonOrThrow();
                            });
            for (ContractionPlan plan : Plans.of(network, geometry, shape)) {
                List<NDArray> actual =
                        gradients(
                                leaves,
                                cotangent,
                                () ->
                                        plan.execute(
                                                MemoryLayouts.lay(x, plan.inputLayout()),
                                                parameters,
                                                bias));
                for (int n = 0; n < expected.size(); n++) {
                    assertClose(actual.get(n), expected.get(n), network + " leaf " + n);
                }
            }
        }
    }

    /** The output and the gradients of all leaves, for one fixed cotangent. */
    private static List<NDArray> gradients(
            NDList leaves, NDArray[] cotangent, Supplier<NDArray> forward) {
        List<NDArray> results = new ArrayList<>();
        leaves.forEach(leaf -> leaf.getGradient().subi(leaf.getGradient().duplicate()));
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray y = forward.get();
            if (cotangent[0] == null) {
                cotangent[0] = y.getManager().randomNormal(y.getShape(), y.getDataType());
            }
            results.add(y);
            collector.backward(y.mul(cotangent[0]).sum());
        }
        leaves.forEach(leaf -> results.add(leaf.getGradient().duplicate()));
        return results;
    }

    private static void assertClose(NDArray actual, NDArray expected, String what) {
        Assert.assertEquals(actual.getShape(), expected.getShape(), what);
        double scale = expected.abs().max().getDouble();
        double difference = actual.sub(expected).abs().max().getDouble();
        Assert.assertTrue(difference <= 1e-8 * scale, what + ": " + difference + " of " + scale);
    }
}
