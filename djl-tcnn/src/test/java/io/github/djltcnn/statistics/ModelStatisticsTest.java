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
package io.github.djltcnn.statistics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.decomposition.KernelWeighting;
import io.github.djltcnn.statistics.internal.JointMoments;
import io.github.djltcnn.statistics.internal.Patches;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What is measured of the layers of a model, against its definition. */
@Test(singleThreaded = true)
public class ModelStatisticsTest {

    /** Stride, padding, dilation, groups, step. */
    @DataProvider
    public Object[][] geometries() {
        return new Object[][] {
            {1, 1, 1, 1, 1}, {2, 1, 1, 1, 1}, {1, 2, 2, 2, 1}, {2, 0, 1, 4, 1}, {1, 1, 1, 2, 3},
        };
    }

    /** A kernel times the unfolded input is the convolution, at the places that are picked. */
    @Test(dataProvider = "geometries")
    public void unfoldedInputsTimesKernelsAreOutputs(
            int stride, int padding, int dilation, int groups, int step) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.randomNormal(new Shape(2, 4, 7, 8));
            Conv2d conv =
                    Conv2d.builder()
                            .setKernelShape(new Shape(3, 2))
                            .setFilters(8)
                            .optStride(new Shape(stride, stride))
                            .optPadding(new Shape(padding, 1))
                            .optDilation(new Shape(dilation, 1))
                            .optGroups(groups)
                            .optBias(false)
                            .build();
            conv.initialize(manager, DataType.FLOAT32, x.getShape());
            NDArray y = TinyNet.forward(conv, manager, x);
            KernelLayer layer = KernelLayer.of(conv, x.getShape());
            NDArray patches = Patches.unfold(layer, x, step, 1);
            NDArray picked = Patches.pick(layer, y, step, 1);
            NDArray kernel =
                    conv.getDirectParameters()
                            .get("weight")
                            .getArray()
                            .reshape(groups, 8 / groups, -1);
            NDArray product = kernel.matMul(patches.reshape(groups, 4L / groups * 6, -1));
            Assert.assertEquals(product.getShape(), picked.getShape());
            float[] a = product.toFloatArray();
            float[] b = picked.toFloatArray();
            for (int i = 0; i < a.length; i++) {
                Assert.assertEquals(a[i], b[i], 1e-5);
            }
        }
    }

    /** The mean square of the outputs of a kernel is what its weighting says. */
    @Test
    public void momentsAreThoseOfTheOutputs() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.randomNormal(new Shape(6, 3, 5, 5));
            Conv2d conv =
                    Conv2d.builder()
                            .setKernelShape(new Shape(1, 1))
                            .setFilters(4)
                            .optBias(false)
                            .build();
            SequentialBlock net = new SequentialBlock().add(conv);
            net.initialize(manager, DataType.FLOAT32, x.getShape());
            int arrays = manager.getManagedArrays().size();
            ModelStatistics statistics = ModelStatistics.of(net, List.of(new NDList(x)), 1, null);
            Assert.assertEquals(manager.getManagedArrays().size(), arrays);
            LayerStatistics layer = statistics.layer("01Conv2d").orElseThrow();
            Assert.assertFalse(layer.centred());
            Assert.assertEquals(layer.places(), 25.0);
            NDArray weight = conv.getDirectParameters().get("weight").getArray();
            double[] kernel = new double[12];
            float[] given = weight.toFloatArray();
            for (int i = 0; i < 12; i++) {
                kernel[i] = given[i];
            }
            NDArray y = TinyNet.forward(net, manager, x);
            double expected = y.square().sum().getFloat() / 150;
            double[] ones = new double[16];
            for (int i = 0; i < 4; i++) {
                ones[i * 5] = 1;
            }
            double found =
                    KernelWeighting.separable(
                                    layer.spec(), layer.channels(), new double[] {1}, ones)
                            .squaredDistance(kernel, new double[12]);
            Assert.assertEquals(found, expected, 1e-4 * expected);
            // The output is no matrix: its gradients are standard normal numbers.
            for (int i = 0; i < 16; i++) {
                Assert.assertEquals(layer.output()[i], i % 5 == 0 ? 1 : 0, 0.5);
            }
        }
    }

    @Test
    public void allLayersOfATreeAreMeasured() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            NDArray x = manager.randomNormal(new Shape(16, 3, 8, 8));
            ModelStatistics statistics =
                    ModelStatistics.of(net, List.of(new NDList(x), new NDList(x)), 1, null);
            Assert.assertEquals(statistics.paths(), TinyNet.PATHS);
            Assert.assertEquals(statistics.images(), 32);
            for (String path : TinyNet.PATHS) {
                LayerStatistics layer = statistics.layer(path).orElseThrow();
                Assert.assertNotNull(layer.output(), path);
                Assert.assertTrue(
                        layer.loss(new double[(int) layer.spec().denseParameterCount()]) == 0);
            }
            // The gradient of a drawn logarithm is (drawn) - p, whose mean square is p (1 - p).
            double[] g = statistics.layer("06Linear").orElseThrow().output();
            Assert.assertEquals(g[0] + g[1] + g[2] + g[3], 0, 1e-5);
        }
    }

    @Test
    public void anInterruptedMeasurementEnds() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            NDList batch = new NDList(manager.ones(TinyNet.INPUT));
            Thread.currentThread().interrupt();
            try {
                Assert.expectThrows(
                        CancellationException.class,
                        () -> ModelStatistics.of(net, List.of(batch), 1, null));
            } finally {
                Assert.assertTrue(Thread.interrupted());
            }
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> ModelStatistics.of(net, List.of(), 1, null));
        }
    }

    /** Outputs that another kernel gives are found, means or not. */
    @Test
    public void theNearestKernelIsFound() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.randomNormal(new Shape(8, 4, 6, 6)).add(0.5f);
            Conv2d conv =
                    Conv2d.builder()
                            .setKernelShape(new Shape(3, 3))
                            .setFilters(4)
                            .optPadding(new Shape(1, 1))
                            .optGroups(2)
                            .build();
            conv.initialize(manager, DataType.FLOAT32, x.getShape());
            NDArray y = TinyNet.forward(conv, manager, x).add(3);
            KernelLayer layer = KernelLayer.of(conv, x.getShape());
            float[] wanted = conv.getDirectParameters().get("weight").getArray().toFloatArray();
            int arrays = manager.getManagedArrays().size();
            try (JointMoments moments = new JointMoments(layer, 1, true, manager)) {
                moments.add(x, y, 0);
                JointMoments.Result result = moments.solve(new double[wanted.length]);
                for (int i = 0; i < wanted.length; i++) {
                    // Shrunk towards the given kernel, here zero, by a thousandth.
                    Assert.assertEquals(result.kernel()[i], wanted[i], 0.01);
                }
            }
            Assert.assertEquals(manager.getManagedArrays().size(), arrays);
        }
    }
}
