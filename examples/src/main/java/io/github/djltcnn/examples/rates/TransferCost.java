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
package io.github.djltcnn.examples.rates;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.examples.Cli;
import io.github.djltcnn.training.LearningRates;
import io.github.djltcnn.training.StepKind;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TcnnZoo;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures what transferred rates cost: the processor time in which the factors of a network are
 * taken once, against that of a step of its training. Run it with one thread of libtorch, {@code
 * -Dai.djl.pytorch.num_threads=1}.
 *
 * @since 0.2.0
 */
@Command(
        name = "TransferCost",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = "Measures what transferred rates cost.")
public final class TransferCost implements Callable<List<TransferCost.Row>> {

    /** A training of so many updates is what the share is told of: the first example's. */
    private static final int UPDATES = 500;

    /** So often the factors are taken in it: before it, at 1, 2, 4 .. 64, 128, 192 .. 448. */
    private static final int REFRESHES = 14;

    @Spec private CommandSpec spec;

    @Option(names = "--models", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<String> names =
            List.of(
                    "tr_resnet20_r10",
                    "tr_resnet20_r4",
                    "tt_resnet20_r10",
                    "cp_resnet20_r16",
                    "tk2_resnet20_r16",
                    "htk2_resnet20_r16",
                    "bt_resnet20_r4");

    @Option(names = "--batch-size", description = "Default: ${DEFAULT-VALUE}.")
    private int batch = 64;

    @Option(names = "--size", description = "Height of the images, default: ${DEFAULT-VALUE}.")
    private int size = 28;

    @Option(names = "--rounds", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    private TransferCost() {}

    /**
     * The times of a network.
     *
     * @param name its name
     * @param refresh seconds in which its factors are taken once
     * @param step seconds of a step
     */
    public record Row(String name, double refresh, double step) {

        /**
         * Returns what the factors cost in a training of 500 updates.
         *
         * @return their share of the time of the steps
         */
        public double share() {
            return REFRESHES * refresh / (UPDATES * step);
        }
    }

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(TransferCost::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return a row for each network, null after {@code --help}
     * @throws Exception if an option is wrong
     */
    public static List<Row> runExample(String... args) throws Exception {
        return Cli.call(new TransferCost(), args);
    }

    @Override
    public List<Row> call() {
        Cli.requirePositive(spec, "--batch-size", batch);
        Cli.requirePositive(spec, "--size", size);
        Cli.requirePositive(spec, "--rounds", rounds);
        System.out.println("| network | factors, ms | step, ms | share of 500 steps |");
        System.out.println("|---|---:|---:|---:|");
        return names.stream().map(this::measure).toList();
    }

    private Row measure(String name) {
        Shape input = new Shape(batch, 1, size, size);
        ResNetSpec network = ResNetSpec.parse(name).withImage(new Shape(1, size, size));
        try (Model model = TcnnZoo.create(network.withOutSize(10));
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .optOptimizer(
                                                Optimizer.sgd()
                                                        .setLearningRateTracker(
                                                                Tracker.fixed(0.01f))
                                                        .build()));
                NDManager manager = trainer.getManager().newSubManager()) {
            trainer.initialize(input);
            NDArray images = manager.randomNormal(input);
            NDArray labels = manager.arange(batch).mod(10).toType(DataType.FLOAT32, false);
            Row row =
                    new Row(
                            name,
                            median(() -> factors(model)),
                            median(() -> step(trainer, images, labels)));
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %.0f | %.2f %% |%n",
                    name,
                    1e3 * row.refresh(),
                    1e3 * row.step(),
                    100 * row.share());
            return row;
        }
    }

    /** The median of the second half of all rounds, in seconds. */
    private double median(LongSupplier measured) {
        long[] times = new long[2 * rounds];
        for (int n = 0; n < times.length; n++) {
            times[n] = measured.getAsLong();
        }
        long[] later = Arrays.copyOfRange(times, rounds, times.length);
        Arrays.sort(later);
        return later[rounds / 2] / 1e9;
    }

    private static long factors(Model model) {
        long began = processorTime();
        LearningRates.transfer(model.getBlock(), Tracker.fixed(1f), StepKind.GRADIENT);
        return processorTime() - began;
    }

    private static long step(Trainer trainer, NDArray images, NDArray labels) {
        long began = processorTime();
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDList out = trainer.forward(new NDList(images));
            NDArray loss = trainer.getLoss().evaluate(new NDList(labels), out);
            collector.backward(loss);
            loss.getFloat();
            out.close();
            loss.close();
        }
        trainer.step();
        return processorTime() - began;
    }

    /** That of this thread: what else the machine does hardly matters. */
    private static long processorTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
