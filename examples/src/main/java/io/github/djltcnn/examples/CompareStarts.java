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
package io.github.djltcnn.examples;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.training.FusedTrainer;
import io.github.djltcnn.zoo.ResNetSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains a residual network of the zoo from different starts: the first gamma of its residual
 * branches, and the scale of its last layer. After each epoch it is tested with the statistics that
 * batch normalisation would have gathered at different momenta; they do not change the training.
 *
 * <p>A run that was stopped goes on where it was, by the file that it writes.
 *
 * @since 0.1.0
 */
@Command(
        name = "CompareStarts",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = "Trains a residual network from different starts.")
public final class CompareStarts implements Callable<Path> {

    private static final String HEADER =
            "model,gamma,head,seed,rate,images,epoch,momentum,first_loss,train_loss,test_loss,"
                    + "accuracy";

    /** Training images on which the loss before the first step is taken. */
    private static final int FIRST_IMAGES = 256;

    private static final int TESTED_AT_ONCE = 200;

    private static final Shape IMAGE = new Shape(1, LabelledImages.SIZE, LabelledImages.SIZE);

    @Spec private CommandSpec spec;

    @Option(names = "--model", description = "Network (default: ${DEFAULT-VALUE}).")
    private String model = "tr_resnet20_r10";

    @Option(
            names = "--gammas",
            split = ",",
            description = "First gammas of the branches (default: ${DEFAULT-VALUE}).")
    private List<Float> gammas = List.of(1f, 0f);

    @Option(
            names = "--heads",
            split = ",",
            description = "Scales of the last layer (default: ${DEFAULT-VALUE}).")
    private List<Float> heads = List.of(1f, 0.1f);

    @Option(
            names = "--momenta",
            split = ",",
            description = "Momenta of the statistics (default: ${DEFAULT-VALUE}).")
    private List<Float> momenta = List.of(0.5f, 0.7f, 0.8f, 0.9f, 0.95f);

    @Option(names = "--rate", description = "Largest rate (default: ${DEFAULT-VALUE}).")
    private float rate = 0.1f;

    @Option(names = "--seeds", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> seeds = List.of(1, 2);

    @Option(names = "--epochs", description = "Default: ${DEFAULT-VALUE}.")
    private int epochs = 2;

    @Option(names = "--batch-size", description = "Default: ${DEFAULT-VALUE}.")
    private int batchSize = 64;

    @Mixin private ImageOptions imageOptions;

    @Option(names = "--out", description = "Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("docs", "data", "starts.csv");

    private CompareStarts() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(CompareStarts::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the file of results, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static Path runExample(String... args) throws Exception {
        return Cli.call(new CompareStarts(), args);
    }

    @Override
    public Path call() throws IOException, TranslateException {
        Cli.requirePositive(spec, "--epochs", epochs);
        Cli.requirePositive(spec, "--batch-size", batchSize);
        Cli.requirePositive(spec, "--rate", rate);
        FashionMnist data = imageOptions.load(spec);
        ResultFile results = new ResultFile(new ResumableCsv(out, HEADER));
        for (int seed : seeds) {
            for (float gamma : gammas) {
                for (float head : heads) {
                    Run run =
                            new Run(
                                    String.format(
                                            Locale.ROOT,
                                            "%s,%s,%s,%d,%s,%d",
                                            model,
                                            gamma,
                                            head,
                                            seed,
                                            rate,
                                            data.train().count()),
                                    gamma,
                                    head,
                                    seed);
                    if (!results.has(run.key + "," + epochs + "," + momenta.get(0))) {
                        train(run, data, results);
                    }
                }
            }
        }
        return out;
    }

    /** One training. */
    private record Run(String key, float gamma, float head, int seed) {}

    /** The lines of results, which are also printed. */
    private record ResultFile(ResumableCsv csv) {

        boolean has(String key) {
            return csv.get(key) != null;
        }

        void add(String line) throws IOException {
            csv.add(line);
            System.out.println(line);
        }
    }

    private void train(Run run, FashionMnist data, ResultFile results)
            throws IOException, TranslateException {
        Engine.getInstance().setRandomSeed(run.seed);
        ResNetSpec network =
                ResNetSpec.parse(model)
                        .withOutSize(FashionMnist.CLASSES.size())
                        .withImage(IMAGE)
                        .withSeed(run.seed);
        int batches = (data.train().count() - 1) / batchSize + 1;
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(OneCycle.optimizer(rate, epochs * batches));
        try (Model trained = Model.newInstance(network.name())) {
            // Without memory the statistics are those of the last batch, which are averaged here.
            trained.setBlock(
                    network.newBuilder()
                            .optResidualGamma(run.gamma)
                            .optHeadScale(run.head)
                            .optBatchNormMomentum(0)
                            .build());
            trained.getBlock()
                    .setInitializer(
                            TensorialInitializer.fanIn().withSeed(run.seed), Parameter.Type.WEIGHT);
            try (Trainer trainer = FusedTrainer.of(trained, config)) {
                trainer.initialize(network.inputShape());
                train(run, data, trainer, results);
            }
        }
    }

    private void train(Run run, FashionMnist data, Trainer trainer, ResultFile results)
            throws IOException, TranslateException {
        NDManager manager = trainer.getManager();
        ArrayDataset images = data.train().toDataset(manager, batchSize, true);
        ArrayDataset tests = data.test().toDataset(manager, TESTED_AT_ONCE, false);
        try (RunningStatistics statistics =
                new RunningStatistics(trainer.getModel().getBlock(), momenta)) {
            double first = firstLoss(trainer, data);
            for (int epoch = 1; epoch <= epochs; epoch++) {
                double sum = 0;
                int steps = 0;
                for (Batch batch : trainer.iterateDataset(images)) {
                    try (batch) {
                        sum += step(trainer, batch);
                        steps++;
                        statistics.update();
                    }
                }
                for (float momentum : momenta) {
                    statistics.show(momentum);
                    double[] test = test(trainer, tests);
                    results.add(
                            String.format(
                                    Locale.ROOT,
                                    "%s,%d,%s,%.4f,%.4f,%.4f,%.4f",
                                    run.key,
                                    epoch,
                                    momentum,
                                    first,
                                    sum / steps,
                                    test[0],
                                    test[1]));
                }
            }
        }
    }

    /** The loss that the first step would start from, with the statistics of its batch. */
    private static double firstLoss(Trainer trainer, FashionMnist data)
            throws IOException, TranslateException {
        ArrayDataset images =
                data.train()
                        .head(FIRST_IMAGES)
                        .toDataset(trainer.getManager(), FIRST_IMAGES, false);
        try (Batch batch = trainer.iterateDataset(images).iterator().next()) {
            return loss(trainer, batch.getLabels(), trainer.forward(batch.getData()));
        }
    }

    private static double step(Trainer trainer, Batch batch) {
        double value;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDList answers = trainer.forward(batch.getData());
            NDArray loss = trainer.getLoss().evaluate(batch.getLabels(), answers);
            value = loss.getFloat();
            collector.backward(loss);
        }
        trainer.step();
        return value;
    }

    /** The loss and the share of right answers. */
    private static double[] test(Trainer trainer, ArrayDataset tests)
            throws IOException, TranslateException {
        double loss = 0;
        long right = 0;
        long count = 0;
        for (Batch batch : trainer.iterateDataset(tests)) {
            try (batch) {
                NDArray labels = batch.getLabels().singletonOrThrow();
                NDList answers = trainer.evaluate(batch.getData());
                long size = labels.size();
                loss += size * loss(trainer, batch.getLabels(), answers);
                right +=
                        answers.singletonOrThrow()
                                .argMax(1)
                                .eq(labels.toType(DataType.INT64, false))
                                .sum()
                                .getLong();
                count += size;
            }
        }
        return new double[] {loss / count, (double) right / count};
    }

    private static double loss(Trainer trainer, NDList labels, NDList answers) {
        return trainer.getLoss().evaluate(labels, answers).getFloat();
    }
}
