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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Weights kept between predictions, and layouts told apart. */
public class ContractionEngineTest {

    private static final Shape INPUT = new Shape(2, 8, 6, 5);

    private final TensorNetwork network = TensorNetwork.parse("i=8 r1=3, r1 r2=4 h=3 w=3, r2 o=6");
    private NDManager manager;
    private NDList cores;
    private NDArray x;
    private ContractionEngine engine;

    @BeforeMethod
    public void setUp() {
        manager = NDManager.newBaseManager();
        cores = new NDList();
        for (Core core : network.cores()) {
            cores.add(manager.randomNormal(core.shape()));
        }
        x = manager.randomNormal(INPUT);
        engine = ContractionEngine.create(network, ConvolutionGeometry.of(new Shape(3, 3)));
    }

    @AfterMethod
    public void tearDown() {
        engine.invalidate();
        manager.close();
    }

    @Test
    public void laterCallsGiveTheSameNumbers() {
        float[] first = predict();
        Assert.assertEquals(engine.numKept(), 1);
        Assert.assertEquals(predict(), first);
        Assert.assertEquals(engine.numKept(), 1);
        close(train(), first);
    }

    @Test
    public void changesInPlaceAreNoticed() {
        float[] before = predict();
        for (NDArray core : cores) {
            core.muli(2);
            float[] after = predict();
            for (int n = 0; n < before.length; n++) {
                Assert.assertEquals(after[n], 2 * before[n], 1e-4f * Math.abs(before[n]) + 1e-5f);
            }
            Assert.assertEquals(engine.numKept(), 1);
            before = after;
        }
    }

    @Test
    public void otherArraysAreNoticed() {
        float[] before = predict();
        cores.set(0, cores.get(0).mul(3));
        float[] after = predict();
        Assert.assertEquals(after[0], 3 * before[0], 1e-4f * Math.abs(after[0]));
    }

    @Test
    public void trainingAndInvalidationDropTheWeights() {
        predict();
        train();
        Assert.assertEquals(engine.numKept(), 0);
        predict();
        engine.invalidate();
        Assert.assertEquals(engine.numKept(), 0);
    }

    @Test
    public void manySetsAreNotKeptForEver() {
        for (int n = 0; n < 200; n++) {
            cores.set(0, manager.randomNormal(cores.get(0).getShape()));
            predict();
            Assert.assertTrue(engine.numKept() <= 64);
        }
    }

    @Test
    public void bothLayoutsGiveTheSameNumbers() {
        float[] first = predict();
        x = MemoryLayouts.lay(x, Layout.CHANNELS_LAST);
        Assert.assertEquals(MemoryLayouts.of(x), Layout.CHANNELS_LAST);
        close(predict(), first);
    }

    @Test
    public void nothingIsLeftWithTheModel() {
        try (NDManager model = manager.newSubManager();
                NDManager data = manager.newSubManager()) {
            NDList parameters = new NDList();
            cores.forEach(
                    core -> parameters.add(model.create(core.toFloatArray(), core.getShape())));
            NDArray input = data.randomNormal(INPUT);
            model.cap();
            for (int n = 0; n < 100; n++) {
                (n % 10 == 9
                                ? engine.train(input, parameters, null, null)
                                : engine.predict(input, parameters, null))
                        .close();
            }
            Assert.assertEquals(model.getManagedArrays().size(), parameters.size());
            Assert.assertEquals(data.getManagedArrays().size(), 1);
        }
    }

    @Test
    public void threadsShareOneEngine() throws Exception {
        float[] expected = predict();
        float[] numbers = x.toFloatArray();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                runs.add(
                        pool.submit(
                                () -> {
                                    for (int n = 0; n < 50; n++) {
                                        predictInOwnManager(numbers, expected);
                                        if (n % 10 == 0) {
                                            engine.invalidate();
                                        }
                                    }
                                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private void predictInOwnManager(float[] numbers, float[] expected) {
        try (NDManager own = manager.newSubManager()) {
            NDArray input = own.create(numbers, INPUT);
            close(engine.predict(input, cores, null).toFloatArray(), expected);
        }
    }

    private float[] predict() {
        return run(false);
    }

    private float[] train() {
        return run(true);
    }

    private float[] run(boolean training) {
        try (NDArray y =
                training ? engine.train(x, cores, null, null) : engine.predict(x, cores, null)) {
            return y.toFloatArray();
        }
    }

    private static void close(float[] actual, float[] expected) {
        Assert.assertEquals(actual.length, expected.length);
        float scale = 0;
        for (float value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        for (int n = 0; n < expected.length; n++) {
            Assert.assertEquals(actual[n], expected[n], 1e-5f * scale);
        }
    }
}
