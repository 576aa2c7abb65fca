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
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Whose the weights kept between predictions are, how many there may be, and when they go. */
public class KeptWeightsTest {

    private static final ConvolutionGeometry WINDOW = ConvolutionGeometry.of(new Shape(3, 3));

    private final TensorNetwork network = TensorNetwork.parse("i=8 r1=3, r1 r2=4 h=3 w=3, r2 o=8");
    private NDManager manager;
    private NDArray x;

    @BeforeMethod
    public void setUp() {
        manager = NDManager.newBaseManager();
        x = manager.randomNormal(new Shape(2, 8, 6, 5));
    }

    @AfterMethod
    public void tearDown() {
        manager.close();
    }

    private static NDList cores(TensorNetwork network, NDManager owner) {
        NDList cores = new NDList();
        for (Core core : network.cores()) {
            cores.add(owner.randomNormal(core.shape()));
        }
        return cores;
    }

    private ContractionEngine engine(PlannerOptions options) {
        return ContractionEngine.create(network, WINDOW, options);
    }

    private static void set(NDArray core, String index) {
        core.set(new NDIndex(index), 0f);
    }

    /** Each a change that a sample of the numbers at fixed distances does not see. */
    @DataProvider
    public Object[][] changes() {
        List<Consumer<NDArray>> changes =
                List.of(
                        core -> set(core, ":, 2"),
                        core -> set(core, ":, 1"),
                        core -> set(core, "2"),
                        core -> set(core, "511, 63"),
                        core -> set(core, ":, 2::4"),
                        core -> set(core, "1::2"),
                        core -> {
                            // Two columns change places: no sum of all numbers tells.
                            NDArray second = core.get(":, 2").duplicate();
                            core.set(new NDIndex(":, 2"), core.get(":, 3").duplicate());
                            core.set(new NDIndex(":, 3"), second);
                        });
        return changes.stream().map(change -> new Object[] {change}).toArray(Object[][]::new);
    }

    @Test(dataProvider = "changes")
    public void anyChangeInPlaceIsNoticed(Consumer<NDArray> change) {
        TensorNetwork large = TensorNetwork.parse("i=512 r1=64, r1 r2=64 h=3 w=3, r2 o=16");
        ContractionEngine engine = ContractionEngine.create(large, WINDOW);
        NDList cores = cores(large, manager);
        NDArray input = manager.randomNormal(new Shape(1, 512, 4, 4));
        float[] before = engine.predict(input, cores, null).toFloatArray();
        change.accept(cores.get(0));
        float[] after = engine.predict(input, cores, null).toFloatArray();
        float[] right =
                ContractionEngine.create(large, WINDOW).predict(input, cores, null).toFloatArray();
        Assert.assertNotEquals(after, before);
        Assert.assertEquals(after, right);
    }

    @Test
    public void weightsGoWithTheManagerOfTheCores() {
        ContractionEngine engine = engine(PlannerOptions.standard());
        NDManager model = manager.newSubManager();
        NDList cores = cores(network, model);
        model.cap();
        engine.predict(x, cores, null);
        Assert.assertEquals(engine.numKept(), 1);
        Assert.assertTrue(engine.keptBytes() > 0);
        model.close();
        Assert.assertEquals(engine.numKept(), 0);
        Assert.assertEquals(engine.keptBytes(), 0);
    }

    @Test
    public void aDroppedSetLeavesNothingWithTheManager() {
        ContractionEngine engine = engine(PlannerOptions.standard());
        NDManager model = manager.newSubManager();
        NDList cores = cores(network, model);
        for (int n = 0; n < 10; n++) {
            cores.get(0).muli(1.5f);
            float[] y = engine.predict(x, cores, null).toFloatArray();
            Assert.assertTrue(y.length > 0);
            Assert.assertEquals(engine.numKept(), 1);
        }
        engine.invalidate();
        Assert.assertEquals(engine.numKept(), 0);
        model.close();
    }

    /** As predictors on other devices do, each of which has a copy of the model. */
    @Test
    public void manyCopiesAreKeptSideBySide() {
        ContractionEngine engine = engine(PlannerOptions.standard());
        List<NDManager> models = new ArrayList<>();
        List<NDList> copies = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            models.add(manager.newSubManager());
            copies.add(cores(network, models.get(n)));
        }
        for (int round = 0; round < 2; round++) {
            for (NDList copy : copies) {
                engine.predict(x, copy, null).close();
            }
            Assert.assertEquals(engine.numKept(), 20);
        }
        for (int n = 0; n < 19; n++) {
            models.get(n).close();
        }
        Assert.assertEquals(engine.numKept(), 1);
        models.get(19).close();
    }

    @Test
    public void nothingIsKeptIfToldSo() {
        NDList cores = cores(network, manager);
        ContractionEngine engine = engine(PlannerOptions.standard().withKeptBytes(0));
        float[] expected = engine(PlannerOptions.standard()).predict(x, cores, null).toFloatArray();
        Assert.assertEquals(engine.predict(x, cores, null).toFloatArray(), expected);
        Assert.assertEquals(engine.numKept(), 0);
        // Too little for one set is as good as nothing.
        ContractionEngine little = engine(PlannerOptions.standard().withKeptBytes(8));
        Assert.assertEquals(little.predict(x, cores, null).toFloatArray(), expected);
        Assert.assertEquals(little.numKept(), 0);
    }

    @Test
    public void bytesAreBoundedAndTheLeastRecentlyUsedGoesFirst() {
        NDList first = cores(network, manager);
        NDList second = cores(network, manager);
        NDList third = cores(network, manager);
        ContractionEngine unbounded = engine(PlannerOptions.standard());
        unbounded.predict(x, first, null);
        long one = unbounded.keptBytes();
        Assert.assertEquals(
                one, unbounded.planner().plan(x.getShape(), false).keptBytes(), "as planned");
        ContractionEngine engine = engine(PlannerOptions.standard().withKeptBytes(2 * one));
        engine.predict(x, first, null);
        engine.predict(x, second, null);
        Assert.assertEquals(engine.keptBytes(), 2 * one);
        engine.predict(x, first, null);
        engine.predict(x, third, null);
        Assert.assertEquals(engine.keptBytes(), 2 * one);
        Assert.assertTrue(engine.keeps(x, first));
        Assert.assertFalse(engine.keeps(x, second));
        Assert.assertTrue(engine.keeps(x, third));
    }
}
