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
import ai.djl.metric.Metrics;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingResult;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.SaveModelTrainingListener;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TcnnZoo;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains the dense ResNet-20 whose weights ship with the zoo as {@code resnet20_fashionmnist}: the
 * network that the examples of compression start from.
 *
 * <p>Stochastic gradient descent with momentum 0.9, weight decay 5e-4 and a cosine schedule, on the
 * 60,000 training images of Fashion-MNIST; after every epoch the parameters are saved and the
 * accuracy on the test images that ship with this module is printed. The model itself is saved to
 * the folder {@code model} at the end. What ships was made with {@code --data-dir} and the folder
 * of the whole dataset, on one thread: 0.9305 on the test images.
 */
@Command(
        name = "TrainDenseResNet",
        mixinStandardHelpOptions = true,
        description = "Trains the dense ResNet-20 that the zoo ships as resnet20_fashionmnist.")
public final class TrainDenseResNet implements Callable<TrainingResult> {

    private static final String NAME = "resnet20_fashionmnist";

    @Spec private CommandSpec spec;

    @Mixin private ImageOptions imageOptions;

    @Option(names = "--epochs", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(names = "--batch", defaultValue = "128", description = "Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--learning-rate",
            defaultValue = "0.1",
            description = "The first one; default: ${DEFAULT-VALUE}.")
    private float learningRate;

    @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private int seed;

    @Option(
            names = "--output",
            defaultValue = "target/resnet20_fashionmnist",
            description = "Folder of the parameters; default: ${DEFAULT-VALUE}.")
    private Path output;

    private TrainDenseResNet() {}

    /**
     * Runs the program.
     *
     * @param args its options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(TrainDenseResNet::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args its options
     * @return the result of the last epoch; null after {@code --help}
     * @throws Exception if an option is wrong or the program fails
     */
    public static TrainingResult runExample(String... args) throws Exception {
        return Cli.call(new TrainDenseResNet(), args);
    }

    @Override
    public TrainingResult call() throws Exception {
        Cli.requirePositive(spec, "--epochs", epochs);
        Cli.requirePositive(spec, "--batch", batch);
        Cli.requirePositive(spec, "--learning-rate", learningRate);
        FashionMnist data = imageOptions.load(spec);
        Engine.getInstance().setRandomSeed(seed);
        ResNetSpec network =
                ResNetSpec.parse("resnet20").withImage(new Shape(1, 28, 28)).withSeed(seed);
        try (Model model = TcnnZoo.create(network)) {
            // The network normalises pixels itself, so that nobody who predicts can forget it.
            TensorialModels.setNormalization(
                    model, new float[] {FashionMnist.MEAN}, new float[] {FashionMnist.STD});
            TensorialModels.setLabels(model, FashionMnist.CLASSES);
            ArrayDataset train = data.train().toPixelDataset(model.getNDManager(), batch, true);
            ArrayDataset test =
                    FashionMnist.subset().test().toPixelDataset(model.getNDManager(), 200, false);
            SaveModelTrainingListener saving =
                    new SaveModelTrainingListener(output.toString(), NAME, 1);
            try (Trainer trainer = model.newTrainer(configuration(train.size(), saving))) {
                trainer.setMetrics(new Metrics());
                trainer.initialize(network.inputShape());
                EasyTrain.fit(trainer, epochs, train, test);
                TrainingResult result = trainer.getTrainingResult();
                TensorialModels.save(model, output.resolve("model"), provenance(train, result));
                return result;
            }
        }
    }

    private SaveOptions provenance(ArrayDataset train, TrainingResult result) {
        return new SaveOptions()
                .optName(NAME)
                .optProvenance("program", TrainDenseResNet.class.getName())
                .optProvenance("options", "--epochs " + epochs + " --batch " + batch)
                .optProvenance("data", "Fashion-MNIST, " + train.size() + " training images")
                .optProvenance("seed", Integer.toString(seed))
                .optProvenance(
                        "accuracy",
                        String.format(
                                Locale.ROOT,
                                "%.4f on the 2,000 test images of this module",
                                result.getValidateEvaluation("Accuracy")));
    }

    private DefaultTrainingConfig configuration(long images, SaveModelTrainingListener saving) {
        int steps = Math.toIntExact(epochs * ((images + batch - 1) / batch));
        Tracker rate =
                Tracker.cosine()
                        .setBaseValue(learningRate)
                        .optFinalValue(learningRate / 1000)
                        .setMaxUpdates(steps)
                        .build();
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .addEvaluator(new Accuracy())
                .optOptimizer(
                        Optimizer.sgd()
                                .setLearningRateTracker(rate)
                                .optMomentum(0.9f)
                                .optWeightDecays(5e-4f)
                                .build())
                .addTrainingListeners(TrainingListener.Defaults.logging())
                .addTrainingListeners(saving);
    }
}
