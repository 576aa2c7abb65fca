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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.compression.CompressionReport;
import io.github.djltcnn.compression.CompressionResult;
import io.github.djltcnn.compression.CompressionTarget;
import io.github.djltcnn.compression.Compressor;
import io.github.djltcnn.compression.PredictionMode;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Compresses a model of yours, or one of the zoo: says first what it is going to do, shows how far
 * it is, saves the result and a report with what was measured before and after.
 *
 * @since 0.1.0
 */
@Command(
        name = "CompressModel",
        description = "Compresses a saved model, or one of the zoo.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class CompressModel implements Callable<CompressionReport> {

    private static final String SHIPPED = "resnet20_fashionmnist";

    @Spec private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            description =
                    "A folder of TensorialModels.save, or the name of a trained model of the zoo"
                            + " (default: ${DEFAULT-VALUE}).")
    private String model = SHIPPED;

    @Option(
            names = "--images",
            paramLabel = "FOLDER",
            description =
                    "Images like those that the model was trained on; no labels are needed. The"
                            + " shipped ones for "
                            + SHIPPED
                            + ".")
    private Path images;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "auto, cp, tucker2, tt, tr, .. (default: ${DEFAULT-VALUE}).")
    private String format = "auto";

    @Option(
            names = "--target",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private CompressionTarget target = CompressionTarget.PARAMETERS;

    @Option(
            names = "--share",
            paramLabel = "X",
            description = "The share of it that is left (default: ${DEFAULT-VALUE}).")
    private double share = 0.5;

    @Option(
            names = "--distil",
            paramLabel = "N",
            description =
                    "Passes over the images to learn the answers of the dense model (default:"
                            + " ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--mode",
            description =
                    "How the model will predict: ${COMPLETION-CANDIDATES} (default:"
                            + " ${DEFAULT-VALUE}).")
    private PredictionMode mode = PredictionMode.COMPILED;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images of a prediction (default: ${DEFAULT-VALUE}).")
    private int batch = 1;

    @Option(names = "--plan", description = "Says what it would do, and ends.")
    private boolean planOnly;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Folder for the model and the report (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "compressed");

    private CompressModel() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(CompressModel::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return what was measured; null after {@code --help} and {@code --plan}
     * @throws Exception if an option is wrong, or a file cannot be read or written
     */
    public static CompressionReport runExample(String... args) throws Exception {
        return Cli.call(new CompressModel(), args);
    }

    /**
     * Compresses the zoo's model. Its body stands in the README, word for word.
     *
     * @param images images to fit layers and batch normalisation on, with pixels from 0 to 1; no
     *     labels are needed
     * @param folder where the small model and the report go
     * @return what was measured
     */
    public static CompressionReport runExample(Dataset images, Path folder)
            throws IOException,
                    ModelNotFoundException,
                    MalformedModelException,
                    TranslateException {
        Model model = TcnnZoo.load("resnet20_fashionmnist"); // or any network of DJL's blocks
        Compressor compressor =
                Compressor.builder()
                        .setModel(model)
                        .optFormat("tucker2") // or auto, cp, tt, tr, ..
                        .optTarget(CompressionTarget.PARAMETERS, 0.25) // or MACS, or TIME
                        .optImages(images) // or a folder of images; no labels are needed
                        .build();
        System.out.println(compressor.plan()); // layer by layer, and how long it takes
        CompressionResult result = compressor.run(System.out::println);
        TensorialModels.save(result.model(), folder);
        result.report().write(folder); // as text, Markdown, JSON and a page of HTML
        return result.report();
    }

    @Override
    public CompressionReport call() throws Exception {
        if (!(share > 0 && share < 1)) {
            throw Cli.wrong(spec, "--share: expected a number between 0 and 1, got " + share);
        }
        Cli.requirePositive(spec, "--batch", batch);
        Path folder = Path.of(model);
        try (NDManager manager = NDManager.newBaseManager();
                Model dense =
                        Files.isDirectory(folder)
                                ? TensorialModels.load(folder)
                                : TcnnZoo.load(model)) {
            Compressor.Builder builder =
                    Compressor.builder()
                            .setModel(dense)
                            .optTarget(target, share)
                            .optPrediction(mode, batch);
            try {
                builder.optFormat(format);
            } catch (IllegalArgumentException e) {
                throw Cli.wrong(spec, "--format: " + e.getMessage());
            }
            if (images != null) {
                builder.optImages(images).optDistil(epochs);
            } else if (model.equals(SHIPPED)) {
                builder.optImages(FashionMnist.subset().train().toPixelDataset(manager, 200, true))
                        .optTestImages(
                                FashionMnist.subset().test().toPixelDataset(manager, 200, false))
                        .optDistil(epochs);
            } else if (epochs > 0) {
                throw Cli.wrong(spec, "--distil needs --images to learn from");
            }
            return compressed(builder.build());
        }
    }

    private CompressionReport compressed(Compressor compressor)
            throws IOException, TranslateException {
        System.out.println(compressor.plan());
        if (planOnly) {
            return null;
        }
        int[] shown = {-1};
        try (CompressionResult result =
                compressor.run(
                        progress -> {
                            int percent = (int) (100 * progress.share());
                            if (percent >= shown[0] + 5) {
                                shown[0] = percent;
                                System.out.println(progress);
                            }
                        })) {
            TensorialModels.save(result.model(), out);
            result.report().write(out);
            System.out.println(result.report());
            System.out.println("The model and the report are in " + out);
            return result.report();
        }
    }
}
