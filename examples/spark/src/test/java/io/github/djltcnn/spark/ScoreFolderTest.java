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
package io.github.djltcnn.spark;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Scores of Spark are those of one process, whoever dies on the way. */
public class ScoreFolderTest {

    private static final String NAME = "resnet20_fashionmnist";
    private static final int PICTURES = 1000;
    private static final int BROKEN = 3;

    /** After so many tasks of twenty a worker is killed. */
    private static final int TASKS_BEFORE_KILL = 5;

    private Path root;
    private Path pictures;
    private Path model;
    private Map<String, Score> expected;

    @BeforeClass
    public void scoreInOneProcess() throws Exception {
        root = Files.createTempDirectory("spark");
        pictures = Files.createDirectory(root.resolve("pictures"));
        MeasureExecutors.write(pictures, PICTURES);
        Files.writeString(pictures.resolve("00123-broken.png"), "no picture");
        Files.createFile(pictures.resolve("00456-empty.jpg"));
        byte[] half = Files.readAllBytes(pictures.resolve("00000.png"));
        Files.write(pictures.resolve("00789-half.png"), Arrays.copyOf(half, half.length / 2));
        Files.writeString(pictures.resolve("readme.txt"), "is not looked at");
        model = root.resolve("model");
        expected = new TreeMap<>();
        List<String> files;
        try (var paths = Files.list(pictures)) {
            files =
                    paths.filter(path -> !path.toString().endsWith(".txt"))
                            .map(path -> "file:" + path)
                            .sorted()
                            .toList();
        }
        try (Model loaded = TcnnZoo.load(NAME)) {
            TensorialModels.save(loaded, model);
            try (PictureScorer scorer = new PictureScorer(loaded, new Configuration())) {
                for (List<String> batch : ScoreFolder.batches(files)) {
                    scorer.score(batch).forEach(score -> expected.put(score.path(), score));
                }
            }
        }
        Assert.assertEquals(expected.size(), PICTURES + BROKEN);
    }

    @AfterClass(alwaysRun = true)
    public void deleteFiles() throws IOException {
        Trees.delete(root);
    }

    private void check(SparkSession spark, Scoring scoring, String out) throws IOException {
        String target = root.resolve(out).toString();
        ScoreFolder.score(spark, scoring, pictures.toString()).write().parquet(target);
        Map<String, Score> found = new TreeMap<>();
        spark.read().parquet(target).collectAsList().stream()
                .map(Score::of)
                .forEach(score -> Assert.assertNull(found.put(score.path(), score), "twice"));
        Assert.assertEquals(found.keySet(), expected.keySet());
        expected.forEach((path, score) -> Assert.assertEquals(found.get(path), score));
    }

    /** The reference is what a service would answer, picture by picture. */
    @Test
    public void theScoresAreThoseOfAPredictor() throws Exception {
        try (Model loaded = TensorialModels.load(model);
                Predictor<Image, Classifications> predictor =
                        loaded.newPredictor(
                                TensorialModels.translator(
                                        loaded, Image.class, Classifications.class))) {
            for (int n = 0; n < 100; n++) {
                Path file = pictures.resolve(String.format("%05d.png", n));
                Classifications answer =
                        predictor.predict(ImageFactory.getInstance().fromFile(file));
                Score score = expected.get("file:" + file);
                Assert.assertEquals(score.label(), answer.best().getClassName());
                Assert.assertEquals(score.probability(), answer.best().getProbability(), 1e-4);
                Assert.assertEquals(score.probabilities().size(), 10);
            }
        }
        List<Score> failed =
                expected.values().stream().filter(score -> score.error() != null).toList();
        Assert.assertEquals(failed.size(), BROKEN, failed.toString());
        for (Score score : failed) {
            Assert.assertNull(score.label());
            Assert.assertTrue(score.path().contains("-"), score.path());
        }
    }

    /** Two threads of this process share one model. */
    @Test
    public void inThisProcess() throws Exception {
        try (SparkSession spark =
                SparkSession.builder()
                        .master("local[2]")
                        .config("spark.ui.enabled", false)
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .getOrCreate()) {
            Scoring scoring =
                    new Scoring(
                            JavaSparkContext.fromSparkContext(spark.sparkContext()),
                            ModelSource.zoo(NAME));
            check(spark, scoring, "local");
            Assert.assertEquals(scoring.loads(), 1);
            IOException e =
                    Assert.expectThrows(
                            IOException.class,
                            () -> ScoreFolder.score(spark, ModelSource.zoo(NAME), model + ""));
            Assert.assertTrue(e.getMessage().contains("no picture under"), e.getMessage());
        }
        Assert.assertThrows(IOException.class, () -> ModelSource.folder(pictures));
    }

    /** Two executors load one model each; then one of their workers is killed. */
    @Test
    public void onTwoWorkersOfWhichOneIsKilled() throws Exception {
        try (LocalCluster cluster = new LocalCluster(2);
                SparkSession spark = cluster.session()) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            Scoring scoring = new Scoring(context, ModelSource.folder(model));
            check(spark, scoring, "cluster");
            Assert.assertEquals(scoring.loads(), 2);

            Killer killer = new Killer(cluster);
            spark.sparkContext().addSparkListener(killer);
            // The executors have the model already.
            Scoring again = new Scoring(context, ModelSource.folder(model));
            check(spark, again, "killed");
            Assert.assertEquals(again.loads(), 0);
            Assert.assertTrue(killer.tasks.get() > TASKS_BEFORE_KILL, "tasks " + killer.tasks);
            Assert.assertEquals(killer.removed.get(), 1, "executors lost");
        }
    }

    /** Kills a worker in the middle of a job. */
    private static final class Killer extends SparkListener {

        private final LocalCluster cluster;
        private final AtomicInteger tasks = new AtomicInteger();
        private final AtomicInteger removed = new AtomicInteger();

        Killer(LocalCluster cluster) {
            this.cluster = cluster;
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (tasks.incrementAndGet() == TASKS_BEFORE_KILL) {
                cluster.kill(0);
            }
        }

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            removed.incrementAndGet();
        }
    }

    /** The program, and the options of Java that the module's pom.xml has for Spark. */
    @Test
    public void theProgramWritesParquet() throws Exception {
        Path few = Files.createDirectory(root.resolve("few"));
        MeasureExecutors.write(few, 60);
        System.setProperty("spark.ui.enabled", "false");
        try {
            Long rows =
                    ScoreFolder.runExample(
                            "--model",
                            model.toString(),
                            "--images",
                            few.toString(),
                            "--out",
                            root.resolve("program").toString(),
                            "--master",
                            "local[2]");
            Assert.assertEquals(rows, 60L);
        } finally {
            System.clearProperty("spark.ui.enabled");
        }
        String pom = Files.readString(Path.of("pom.xml"));
        for (String option : JavaModuleOptions.defaultModuleOptions().split(" ", -1)) {
            if (option.startsWith("--add-opens")) {
                Assert.assertTrue(pom.contains(option), option);
            }
        }
    }
}
