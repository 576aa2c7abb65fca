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

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.finetuning.Augmentation;
import io.github.djltcnn.finetuning.ConfusionMatrix;
import io.github.djltcnn.finetuning.Evaluation;
import io.github.djltcnn.finetuning.FineTuner;
import io.github.djltcnn.finetuning.FineTuningProgress;
import io.github.djltcnn.finetuning.FineTuningResult;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TcnnZoo;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains models for the zoo, all by one recipe: stochastic gradient descent with momentum 0.9 and
 * weight decay 5e-4, a rate that rises for a quarter of the steps and falls along half a cosine to
 * nothing, pictures moved by up to an eighth of their size and mirrored.
 *
 * <p>A twentieth of the training pictures says which epoch is the best; the test pictures are
 * looked at once, at the end. A program that is killed goes on from its last checkpoint when it is
 * started again with the same options.
 *
 * @since 0.1.0
 */
@Command(
        name = "TrainZoo",
        description = "Trains a model for the zoo; started again, it goes on.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class TrainZoo implements Callable<TrainZoo.Outcome> {

    private static final int HELD_OUT = 20;

    /** Mean and deviation of the colours of CIFAR-10. */
    private static final float[] MEAN = {.4914f, .4822f, .4465f};

    private static final float[] DEVIATION = {.2470f, .2435f, .2616f};

    @Spec private CommandSpec spec;

    @Mixin private ImageOptions imageOptions;

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description =
                    "Colour pictures in the place of Fashion-MNIST: train/CLASS/.. and"
                            + " test/CLASS/.. of 32 x 32 pixels, such as CIFAR-10.")
    private Path folder;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "ResNet of the zoo (default: ${DEFAULT-VALUE}).")
    private String modelName = "tr_resnet20_r10";

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training images (default: ${DEFAULT-VALUE}).")
    private int epochs = 10;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Images of one step (default: ${DEFAULT-VALUE}).")
    private int batchSize = 128;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "Largest learning rate (default: ${DEFAULT-VALUE}).")
    private float learningRate = 0.1f;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private int seed = 1;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Folder of checkpoints, model and curves (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "train-zoo");

    private TrainZoo() {}

    /**
     * What came out.
     *
     * @param accuracy the share of the test pictures that are recognised
     * @param testPictures how many there are
     * @param bestEpoch the epoch that the model is of
     * @param folder the saved model
     */
    public record Outcome(double accuracy, int testPictures, int bestEpoch, Path folder) {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(TrainZoo::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return what came out, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static Outcome runExample(String... args) throws Exception {
        return Cli.call(new TrainZoo(), args);
    }

    @Override
    public Outcome call() throws Exception {
        Cli.requirePositive(spec, "--epochs", epochs);
        Cli.requirePositive(spec, "--batch-size", batchSize);
        Cli.requirePositive(spec, "--learning-rate", learningRate);
        return folder == null ? fashion() : colours();
    }

    private Outcome fashion() throws Exception {
        FashionMnist data = imageOptions.load(spec);
        List<String> labels = FashionMnist.CLASSES;
        Shape image = new Shape(1, 28, 28);
        try (Model model = model(labels, image);
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            TensorialModels.setNormalization(
                    model, new float[] {FashionMnist.MEAN}, new float[] {FashionMnist.STD});
            ArrayDataset all = data.train().toPixelDataset(manager, batchSize, false);
            int held = Math.max(1, data.train().count() / HELD_OUT);
            int trained = data.train().count() - held;
            RandomAccessDataset train = all.subDataset(0, trained);
            RandomAccessDataset heldOut = all.subDataset(trained, trained + held);
            FineTuner.Builder tuner = tuner(model, 28).setImages(train, heldOut, labels);
            try (FineTuningResult result = tuner.build().run()) {
                ArrayDataset test = data.test().toPixelDataset(manager, batchSize, false);
                String pictures = "Fashion-MNIST, " + data.train().count() + " training images";
                return save(result, Evaluation.of(result.model(), test), pictures);
            }
        }
    }

    private Outcome colours() throws Exception {
        List<String> labels = new ArrayList<>();
        try (DirectoryStream<Path> classes = Files.newDirectoryStream(folder.resolve("train"))) {
            classes.forEach(path -> labels.add(path.getFileName().toString()));
        }
        Collections.sort(labels);
        try (Model model = model(labels, new Shape(3, 32, 32))) {
            TensorialModels.setNormalization(model, MEAN, DEVIATION);
            FineTuner.Builder tuner =
                    tuner(model, 32).setImages(folder.resolve("train")).optHeldOut(1.0 / HELD_OUT);
            try (FineTuningResult result = tuner.build().run()) {
                String pictures = folder.getFileName() + ", " + result.trained() + " JPEG images";
                return save(
                        result, Evaluation.of(result.model(), folder.resolve("test")), pictures);
            }
        }
    }

    private Model model(List<String> labels, Shape image) {
        ResNetSpec network =
                ResNetSpec.parse(modelName)
                        .withOutSize(labels.size())
                        .withImage(image)
                        .withSeed(seed);
        Model model = TcnnZoo.create(network);
        TensorialModels.setLabels(model, labels);
        return model;
    }

    private FineTuner.Builder tuner(Model model, int size) {
        return FineTuner.builder()
                .setModel(model)
                .optEpochs(epochs)
                .optBatchSize(batchSize)
                .optLearningRate(learningRate)
                .optAugmentation(Augmentation.standard(size))
                .optSeed(seed)
                .optCheckpoints(out.resolve("checkpoints"))
                .optCheckpointSteps(20)
                .optProgress(TrainZoo::print);
    }

    private static void print(FineTuningProgress progress) {
        if (progress.step() % 10 == 0) {
            System.out.println(progress);
        }
    }

    private Outcome save(FineTuningResult result, ConfusionMatrix test, String pictures)
            throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%s %s: %.4f of %d test pictures, epoch %d%n",
                modelName,
                result.status(),
                test.accuracy(),
                test.total(),
                result.bestEpoch());
        result.write(out);
        Files.writeString(out.resolve("test-confusion.csv"), test.toCsv());
        Path saved = out.resolve("model");
        TensorialModels.save(
                result.model(),
                saved,
                new SaveOptions()
                        .optName(modelName + (folder == null ? "_fashionmnist" : "_cifar10jpeg"))
                        .optProvenance("program", TrainZoo.class.getName())
                        .optProvenance(
                                "options",
                                "--model "
                                        + modelName
                                        + " --epochs "
                                        + epochs
                                        + " --batch-size "
                                        + batchSize
                                        + " --learning-rate "
                                        + learningRate)
                        .optProvenance("data", pictures)
                        .optProvenance("seed", Integer.toString(seed))
                        .optProvenance(
                                "accuracy",
                                String.format(
                                        Locale.ROOT,
                                        "%.4f on %d test images",
                                        test.accuracy(),
                                        test.total())));
        return new Outcome(test.accuracy(), test.total(), result.bestEpoch(), saved);
    }
}
