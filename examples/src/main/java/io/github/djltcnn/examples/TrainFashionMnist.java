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
import ai.djl.ModelException;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Classifications.Classification;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import io.github.djltcnn.examples.TrainingOutcome.Epoch;
import io.github.djltcnn.examples.TrainingOutcome.Guess;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.training.FusedTrainer;
import io.github.djltcnn.zoo.ResNetFamily;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Trains a tensorial ResNet on pictures of clothes, saves it, loads it back and tries it.
 *
 * <p>The images ship with this module; {@code --data-dir} takes the whole dataset instead. The
 * saved model and two pictures, the learning curves and ten classified images, are left in the
 * folder {@code --out}.
 *
 * @since 0.1.0
 */
@Command(
        name = "TrainFashionMnist",
        description = "Trains a tensorial ResNet on Fashion-MNIST.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class TrainFashionMnist implements Callable<TrainingOutcome> {

    private static final Shape IMAGE = new Shape(1, LabelledImages.SIZE, LabelledImages.SIZE);

    @Spec private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description =
                    "ResNet of the zoo: tr_resnet20, tt_resnet32, resnet20 (dense), ..; with a rank"
                            + " as in tr_resnet20_r4 or by --rank (default: ${DEFAULT-VALUE}).")
    private String modelName = "tr_resnet20";

    @Option(
            names = "--rank",
            paramLabel = "N",
            description = "Rank of its convolutions (default: the one in the name, or else 10).")
    private Integer rank;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training images (default: ${DEFAULT-VALUE}).")
    private int epochs = 4;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Images of one step (default: ${DEFAULT-VALUE}).")
    private int batchSize = 32;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "Largest learning rate of the schedule (default: ${DEFAULT-VALUE}).")
    private float learningRate = 0.1f;

    @Mixin private ImageOptions imageOptions;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Folder for the model and the pictures (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "train-fashion-mnist");

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of initial values and image order (default: ${DEFAULT-VALUE}).")
    private int seed = 1;

    private TrainFashionMnist() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(TrainFashionMnist::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return what came out, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static TrainingOutcome runExample(String... args) throws Exception {
        return Cli.call(new TrainFashionMnist(), args);
    }

    @Override
    public TrainingOutcome call() throws IOException, ModelException, TranslateException {
        Cli.requirePositive(spec, "--epochs", epochs);
        Cli.requirePositive(spec, "--batch-size", batchSize);
        Cli.requirePositive(spec, "--learning-rate", learningRate);
        ResNetSpec network = network();
        FashionMnist data = imageOptions.load(spec);
        makeFolder();
        // The engine's random numbers order the images.
        Engine.getInstance().setRandomSeed(seed);

        List<Epoch> history;
        long parameters;
        try (Model model = TcnnZoo.create(network)) {
            parameters = countTrainable(model.getBlock());
            history = train(model, data);
            save(model);
        }
        Pictures.curves(network.name() + " on Fashion-MNIST", history, out.resolve("curves.png"));

        List<Guess> guesses;
        double accuracy;
        try (ZooModel<Image, Classifications> loaded = load(network);
                Predictor<Image, Classifications> predictor = loaded.newPredictor()) {
            guesses = guess(predictor, data.test());
            accuracy = Predictions.accuracy(predictor, data.test());
        }
        Pictures.contactSheet(data.test(), guesses, out.resolve("guesses.png"));
        TrainingOutcome outcome =
                new TrainingOutcome(
                        parameters, countDense(network), history, guesses, accuracy, out);
        print(outcome);
        return outcome;
    }

    private ResNetSpec network() {
        try {
            ResNetSpec named = ResNetSpec.parse(modelName);
            return (rank == null ? named : named.withRank(rank))
                    .withOutSize(FashionMnist.CLASSES.size())
                    .withImage(IMAGE)
                    .withSeed(seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private void makeFolder() {
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(), "--out: cannot make the folder " + out, e);
        }
    }

    private List<Epoch> train(Model model, FashionMnist data)
            throws IOException, TranslateException {
        int batches = (data.train().count() - 1) / batchSize + 1;
        EpochPrinter printer = new EpochPrinter(epochs, batches);
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(OneCycle.optimizer(learningRate, epochs * batches))
                        .addEvaluator(new Accuracy())
                        .addTrainingListeners(new EvaluatorTrainingListener(), printer);
        try (Trainer trainer = FusedTrainer.of(model, config)) {
            trainer.initialize(new Shape(1).addAll(IMAGE));
            ArrayDataset train = data.train().toDataset(trainer.getManager(), batchSize, true);
            ArrayDataset test = data.test().toDataset(trainer.getManager(), batchSize, false);
            EasyTrain.fit(trainer, epochs, train, test);
        }
        return printer.epochs();
    }

    /** Writes the model aside and moves it: a reader never meets half a file. */
    private void save(Model model) throws IOException {
        // The number in the file's name. A constant one replaces the model of the last run.
        model.setProperty("Epoch", "0");
        Path aside = Files.createTempDirectory(out, "saving");
        model.save(aside, model.getName());
        try (var files = Files.list(aside)) {
            for (Path file : files.toList()) {
                Files.move(
                        file,
                        out.resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.ATOMIC_MOVE);
            }
        }
        Files.delete(aside);
    }

    private ZooModel<Image, Classifications> load(ResNetSpec network)
            throws IOException, ModelException {
        Translator<Image, Classifications> translator =
                ImageClassificationTranslator.builder()
                        .optFlag(Image.Flag.GRAYSCALE)
                        .addTransform(new ToTensor())
                        // DJL's own Normalize knows three channels only.
                        .addTransform(x -> x.sub(FashionMnist.MEAN).div(FashionMnist.STD))
                        .optSynset(FashionMnist.CLASSES)
                        .optApplySoftmax(true)
                        .build();
        return Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optModelPath(out)
                .optModelName(network.name())
                .optArguments(network.toArguments())
                .optTranslator(translator)
                .build()
                .loadModel();
    }

    /** Classifies the first test image of each class. */
    private static List<Guess> guess(
            Predictor<Image, Classifications> predictor, LabelledImages test)
            throws TranslateException {
        List<Guess> guesses = new ArrayList<>();
        for (int c = 0; c < FashionMnist.CLASSES.size(); c++) {
            for (int i = 0; i < test.count(); i++) {
                if (test.label(i) == c) {
                    Classification best = predictor.predict(test.image(i)).best();
                    guesses.add(
                            new Guess(
                                    i,
                                    FashionMnist.CLASSES.get(c),
                                    best.getClassName(),
                                    best.getProbability()));
                    break;
                }
            }
        }
        return guesses;
    }

    private static void print(TrainingOutcome outcome) {
        for (Guess guess : outcome.guesses()) {
            System.out.printf(
                    Locale.ROOT,
                    "%-11s -> %-11s %5.1f %%%s%n",
                    guess.label(),
                    guess.answer(),
                    100 * guess.probability(),
                    guess.right() ? "" : "  wrong");
        }
        System.out.println("model and pictures: " + outcome.folder());
        System.out.printf(
                Locale.ROOT,
                "parameters: %d (dense %d, %.1f times fewer)%n",
                outcome.parameters(),
                outcome.denseParameters(),
                outcome.compression());
        System.out.printf(Locale.ROOT, "test accuracy: %.4f%n", outcome.testAccuracy());
    }

    private static long countTrainable(Block block) {
        return block.getParameters().values().stream()
                .filter(Parameter::requiresGradient)
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
    }

    /** The size of the same network with dense convolutions. */
    private static long countDense(ResNetSpec spec) {
        ResNetSpec dense =
                new ResNetSpec(
                        ResNetFamily.DENSE, spec.layers(), 0, spec.outSize(), spec.image(), 0);
        try (Model model = TcnnZoo.create(dense)) {
            return countTrainable(model.getBlock());
        }
    }
}
