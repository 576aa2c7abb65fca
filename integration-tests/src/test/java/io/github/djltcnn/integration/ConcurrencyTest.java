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
package io.github.djltcnn.integration;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TcnnZoo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** Many threads predict over one model: the same numbers, and as fast as the cores allow. */
public class ConcurrencyTest {

    private static final Logger logger = LoggerFactory.getLogger(ConcurrencyTest.class);

    private static final int THREADS = 4;
    private static final int INPUTS = 8;
    private static final int ROUNDS = 6;

    /** Measured until it is reached, at most so often: other programs may need the cores too. */
    private static final int ATTEMPTS = 8;

    private static final double WANTED = 1.6;
    private static final Shape IMAGE = new Shape(3, 32, 32);

    /** Each thread has a predictor of its own; all of them begin with no weights kept. */
    @Test
    public void threadsGetTheNumbersThatOneThreadGets() throws Exception {
        for (String name : new String[] {"tr_resnet20_r10", "cp_resnet20_r10", "resnet20"}) {
            try (Model model = TcnnZoo.create(ResNetSpec.parse(name).withImage(IMAGE));
                    NDManager manager = NDManager.newBaseManager()) {
                NDList inputs = inputs(manager);
                List<List<float[]>> found = together(model, inputs, THREADS, 3);
                List<float[]> expected = predict(model, inputs);
                for (List<float[]> rows : found) {
                    for (int n = 0; n < INPUTS; n++) {
                        Assert.assertEquals(rows.get(n), expected.get(n), name);
                    }
                }
            }
        }
    }

    @Test(groups = "timing")
    public void fourThreadsDoMoreThanOne() throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        if (cores < 2) {
            throw new SkipException("One core: four threads cannot do more than one");
        }
        ResNetSpec spec = ResNetSpec.parse("tr_resnet20_r10").withImage(IMAGE);
        try (Model model = TcnnZoo.create(spec);
                NDManager manager = NDManager.newBaseManager()) {
            NDList inputs = inputs(manager);
            together(model, inputs, THREADS, ROUNDS);
            double best = 0;
            for (int attempt = 0; attempt < ATTEMPTS && best < WANTED; attempt++) {
                double one = seconds(model, inputs, 1);
                double four = seconds(model, inputs, THREADS);
                best = Math.max(best, THREADS * one / four);
            }
            logger.info("{} threads do {} times what one does", THREADS, best);
            Assert.assertTrue(
                    best >= WANTED,
                    THREADS
                            + " threads on "
                            + cores
                            + " cores do "
                            + best
                            + " times what one does");
        }
    }

    private static NDList inputs(NDManager manager) {
        NDList inputs = new NDList();
        for (int n = 0; n < INPUTS; n++) {
            inputs.add(manager.randomNormal(new Shape(1).addAll(IMAGE)));
        }
        return inputs;
    }

    private static double seconds(Model model, NDList inputs, int threads) throws Exception {
        long start = System.nanoTime();
        together(model, inputs, threads, ROUNDS);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Lets threads predict all inputs, some rounds each, and returns what the last round gave. */
    private static List<List<float[]>> together(Model model, NDList inputs, int threads, int rounds)
            throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<List<float[]>>> futures = new ArrayList<>();
            for (int n = 0; n < threads; n++) {
                Callable<List<float[]>> task =
                        () -> {
                            start.await();
                            for (int round = 1; round < rounds; round++) {
                                predict(model, inputs);
                            }
                            return predict(model, inputs);
                        };
                futures.add(pool.submit(task));
            }
            List<List<float[]>> found = new ArrayList<>();
            for (Future<List<float[]>> future : futures) {
                found.add(future.get());
            }
            return found;
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<float[]> predict(Model model, NDList inputs) throws TranslateException {
        List<float[]> rows = new ArrayList<>();
        try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
            for (NDArray input : inputs) {
                try (NDList output = predictor.predict(new NDList(input))) {
                    rows.add(output.singletonOrThrow().toFloatArray());
                }
            }
        }
        return rows;
    }
}
