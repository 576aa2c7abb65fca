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

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Compiled blocks predict what the blocks do that they were made from. */
public class CompiledTest {

    private static final Shape INPUT = new Shape(1, 3, 8, 8);
    private static final int THREADS = 8;

    @Test
    public void anyBatchSizeInAPredictor() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("compiled", "PyTorch")) {
            Block block = ExportsTest.small(manager);
            try (Compiled compiled = Compiled.of(block, INPUT)) {
                model.setBlock(compiled);
                try (Predictor<NDList, NDList> predictor =
                        model.newPredictor(new NoopTranslator())) {
                    for (long batch : Outputs.BATCHES) {
                        NDArray x = manager.randomNormal(new Shape(batch, 3, 8, 8));
                        Outputs.assertClose(
                                predictor.predict(new NDList(x)).head(),
                                Outputs.of(block, x),
                                "batch " + batch);
                    }
                }
                Assert.assertEquals(
                        compiled.getOutputShapes(new Shape[] {new Shape(7, 3, 8, 8)}),
                        new Shape[] {new Shape(7, 5)});
            }
        }
    }

    @Test
    public void threadsShareOne() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = ExportsTest.small(manager);
            NDArray x = manager.randomNormal(new Shape(3, 3, 8, 8));
            float[] wanted = Outputs.of(block, x).toFloatArray();
            float[] input = x.toFloatArray();
            try (Compiled compiled = Compiled.of(block, INPUT)) {
                List<Future<float[]>> results = new ArrayList<>();
                for (int call = 0; call < 20 * THREADS; call++) {
                    results.add(
                            threads.submit(
                                    () -> {
                                        try (NDManager own = NDManager.newBaseManager()) {
                                            NDArray mine = own.create(input, new Shape(3, 3, 8, 8));
                                            return Outputs.of(compiled, mine).toFloatArray();
                                        }
                                    }));
                }
                for (Future<float[]> result : results) {
                    Assert.assertEquals(result.get(), wanted, 1e-5f);
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    public void otherShapesAndTrainingAreRefused() {
        try (NDManager manager = NDManager.newBaseManager();
                Compiled compiled = Compiled.of(ExportsTest.small(manager), INPUT)) {
            RuntimeException refusal =
                    Assert.expectThrows(
                            RuntimeException.class,
                            () -> Outputs.of(compiled, manager.ones(new Shape(1, 3, 8, 9))));
            Assert.assertTrue(
                    refusal.getMessage()
                            .contains("[(1, 3, 8, 8)], with any batch; got [float32 (1, 3, 8, 9)]"),
                    refusal.getMessage());
            Assert.expectThrows(
                    IllegalStateException.class,
                    () ->
                            compiled.forward(
                                    new ParameterStore(manager, false),
                                    new NDList(manager.ones(INPUT)),
                                    true));
        }
    }

    @Test
    public void closedMeansClosed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Compiled compiled = Compiled.of(ExportsTest.small(manager), INPUT);
            compiled.close();
            Assert.expectThrows(
                    IllegalStateException.class, () -> Outputs.of(compiled, manager.ones(INPUT)));
        }
    }

    @Test
    public void resultsBelongToTheInput() {
        try (NDManager manager = NDManager.newBaseManager();
                Compiled compiled = Compiled.of(ExportsTest.small(manager), INPUT)) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray result = Outputs.of(compiled, scope.ones(INPUT));
                Assert.assertSame(result.getManager(), scope);
                Assert.assertEquals(scope.getManagedArrays().size(), 2);
            }
        }
    }
}
