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
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.compression.CompressionReport;
import io.github.djltcnn.compression.CompressionResult;
import io.github.djltcnn.compression.CompressionTarget;
import io.github.djltcnn.compression.Compressor;
import io.github.djltcnn.compression.Distillation;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * From a trained dense network to a small tensorial one: loads the dense ResNet-20 of the zoo,
 * which was trained on Fashion-MNIST, compresses it by {@link Compressor}, saves the result with a
 * report, and loads it back as a service would.
 *
 * @since 0.1.0
 */
@Command(
        name = "CompressAndFineTune",
        description = "Compresses a trained ResNet and fine-tunes it.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class CompressAndFineTune implements Callable<CompressAndFineTune.Outcome> {

    private static final int BATCH = 200;

    @Spec private CommandSpec spec;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "tr, tt, tk2 or cp (default: ${DEFAULT-VALUE}).")
    private String format = "tk2";

    @Option(
            names = "--ratio",
            paramLabel = "X",
            description = "Share of the parameters to keep (default: ${DEFAULT-VALUE}).")
    private double ratio = 0.25;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training images (default: ${DEFAULT-VALUE}).")
    private int epochs = 1;

    @Mixin private ImageOptions imageOptions;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "The largest one, of Adam (default: ${DEFAULT-VALUE}).")
    private float learningRate = 3e-3f;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Folder for the model (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "compressed-resnet20");

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of decompositions and image order (default: ${DEFAULT-VALUE}).")
    private int seed = 1;

    private CompressAndFineTune() {}

    /**
     * What came out, accuracies as shares of the test images.
     *
     * @param parametersBefore parameters of the dense network
     * @param parametersAfter parameters of the compressed network
     * @param dense accuracy of the dense network
     * @param compressed accuracy straight after the decomposition
     * @param recalibrated accuracy after batch normalisation was measured anew
     * @param tuned accuracy after training on
     * @param loaded accuracy of the saved model, loaded back
     */
    public record Outcome(
            long parametersBefore,
            long parametersAfter,
            double dense,
            double compressed,
            double recalibrated,
            double tuned,
            double loaded) {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(CompressAndFineTune::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return what came out, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static Outcome runExample(String... args) throws Exception {
        return Cli.call(new CompressAndFineTune(), args);
    }

    @Override
    public Outcome call() throws IOException, ModelException, TranslateException {
        check();
        FashionMnist data = imageOptions.load(spec);
        LabelledImages train = data.train();
        LabelledImages test = data.test();
        Engine.getInstance().setRandomSeed(seed);
        try (Model model = TcnnZoo.load("resnet20_fashionmnist");
                NDManager manager = NDManager.newBaseManager()) {
            Compressor compressor =
                    Compressor.builder()
                            .setModel(model)
                            .optFormat(FineTuning.FORMATS.get(format))
                            .optTarget(CompressionTarget.PARAMETERS, ratio)
                            .optImages(train.toPixelDataset(manager, BATCH, true))
                            .optTestImages(test.toPixelDataset(manager, BATCH, false))
                            .optDistil(epochs)
                            .optDistillation(Distillation.builder().optRate(learningRate))
                            .build();
            System.out.println(compressor.plan());
            try (CompressionResult result = compressor.run()) {
                CompressionReport report = result.report();
                System.out.println(report);
                double tuned = report.stage("distilled").accuracy();
                TensorialModels.save(
                        result.model(),
                        out,
                        new SaveOptions()
                                .optName("resnet20_" + format)
                                .optProvenance("program", CompressAndFineTune.class.getName())
                                .optProvenance("format", format)
                                .optProvenance("ratio", Double.toString(ratio))
                                .optProvenance("seed", Integer.toString(seed))
                                .optProvenance("accuracy", Double.toString(tuned)));
                report.write(out);
                return new Outcome(
                        report.layers().parametersBefore(),
                        report.layers().parametersAfter(),
                        report.stage("dense").accuracy(),
                        report.stage("decomposed").accuracy(),
                        report.stage("recalibrated").accuracy(),
                        tuned,
                        loadedAccuracy(test));
            }
        }
    }

    /** As a service would: nothing but the folder is said. */
    private double loadedAccuracy(LabelledImages test)
            throws IOException, ModelException, TranslateException {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(out)
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            return Predictions.accuracy(predictor, test);
        }
    }

    private void check() {
        if (!FineTuning.FORMATS.containsKey(format)) {
            throw Cli.wrong(spec, "--format: expected one of tr, tt, tk2, cp, got " + format);
        }
        if (!(ratio > 0 && ratio < 1)) {
            throw Cli.wrong(spec, "--ratio: expected a number between 0 and 1, got " + ratio);
        }
        Cli.requirePositive(spec, "--epochs", epochs);
        Cli.requirePositive(spec, "--learning-rate", learningRate);
    }
}
