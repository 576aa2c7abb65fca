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
package io.github.djltcnn.examples.zoo;

import ai.djl.Device;
import ai.djl.Model;
import io.github.djltcnn.examples.Cli;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.finetuning.ConfusionMatrix;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Makes a trained model part of the zoo: measures it on the whole test data, writes it as float16
 * where that costs no more than 0.001 of accuracy, else as float32, into the resources of the
 * module {@code djl-tcnn-zoo}, with all that {@code TcnnZoo.describe} says of it, and lists its
 * files and their hashes. A model of the same name is replaced. {@link WriteZooPage} then writes
 * the table of docs/zoo.md.
 *
 * @since 0.2.0
 */
@Command(
        name = "ShipModel",
        description = "Makes a trained model part of the zoo.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class ShipModel implements Callable<ShipModel.Shipped> {

    /** What the rounding to float16 may cost. */
    private static final double HALF_COSTS = .001;

    /** So many of the test pictures that the module examples has are measured in each build. */
    static final int AT_HAND = 500;

    @Spec private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            required = true,
            description = "The saved model, such as the folder model that TrainZoo writes.")
    private Path model;

    @Option(
            names = "--fashion",
            paramLabel = "FOLDER",
            description = "Test data: the folder with the idx .gz files of Fashion-MNIST.")
    private Path fashion;

    @Option(
            names = "--cifar",
            paramLabel = "FOLDER",
            description = "Test data: colour pictures, test/CLASS/..")
    private Path cifar;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "Its name in the zoo: FAMILY_resnetLAYERS_rRANK_DATASET, or .._xTIMES_DATASET"
                            + " for one that was compressed (default: the one that it has).")
    private String name;

    @Option(
            names = "--resources",
            paramLabel = "FOLDER",
            description = "The resources of the zoo (default: ${DEFAULT-VALUE}).")
    private Path resources = Path.of("djl-tcnn-zoo", "src", "main", "resources");

    private ShipModel() {}

    /**
     * What was shipped.
     *
     * @param folder the folder in the resources
     * @param accuracy the accuracy of the files
     * @param float32 the accuracy of the model that was given
     * @param half whether the files are float16
     * @param bytes the bytes of the files
     */
    public record Shipped(Path folder, double accuracy, double float32, boolean half, long bytes) {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(ShipModel::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return what was shipped, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static Shipped runExample(String... args) throws Exception {
        return Cli.call(new ShipModel(), args);
    }

    @Override
    public Shipped call() throws Exception {
        if ((fashion == null) == (cifar == null)) {
            throw Cli.wrong(spec, "--fashion, --cifar: expected one of them");
        }
        TestPictures pictures =
                cifar == null
                        ? TestPictures.fashion(FashionMnist.load(fashion).test())
                        : TestPictures.cifar(cifar, Integer.MAX_VALUE);
        try (Model trained = TensorialModels.load(model, Device.cpu())) {
            String shipped = name == null ? trained.getName() : name;
            check(shipped, pictures);
            Path scratch = Files.createTempDirectory("ship");
            try {
                return ship(trained, shipped, pictures, scratch);
            } finally {
                delete(scratch);
            }
        }
    }

    private void check(String shipped, TestPictures pictures) {
        try {
            Map<String, String> parts = ZooResources.parse(shipped);
            if (!parts.get("dataset").equals(pictures.dataset())) {
                throw Cli.wrong(
                        spec,
                        "--name: \""
                                + shipped
                                + "\" ends with another data set than the pictures, "
                                + pictures.dataset());
            }
        } catch (IllegalArgumentException e) {
            throw Cli.wrong(spec, "--name: " + e.getMessage());
        }
    }

    private Shipped ship(Model trained, String shipped, TestPictures pictures, Path scratch)
            throws Exception {
        ZooResources zoo = new ZooResources(resources);
        double full = pictures.measure(trained).accuracy();
        Path half = scratch.resolve("half");
        TensorialModels.save(trained, half, new SaveOptions().optFloat16(true));
        ConfusionMatrix rounded;
        try (Model loaded = TensorialModels.load(half, Device.cpu())) {
            rounded = pictures.measure(loaded);
        }
        boolean isHalf = Math.abs(rounded.accuracy() - full) <= HALF_COSTS;
        double accuracy = isHalf ? rounded.accuracy() : full;
        SaveOptions options =
                new SaveOptions()
                        .optName(shipped)
                        .optFloat16(isHalf)
                        .optProvenance("data", data(trained, pictures))
                        .optProvenance("accuracy", on(accuracy, pictures.count(), "test images"));
        try (Model measured = TensorialModels.load(isHalf ? half : model, Device.cpu())) {
            options.optProvenance("scores", Forward.scores(measured))
                    .optProvenance(
                            "latency",
                            String.format(Locale.ROOT, "%.2f", Forward.latency(measured)));
            if (cifar == null) {
                TestPictures hand =
                        TestPictures.fashion(FashionMnist.subset().test().head(AT_HAND));
                options.optProvenance(
                        "accuracy.athand",
                        on(
                                hand.measure(measured).accuracy(),
                                hand.count(),
                                "test images of the module examples"));
            }
        }
        Path made = scratch.resolve("made");
        TensorialModels.save(trained, made, options);
        long bytes = ZooResources.bytes(made);
        long all = bytes + zoo.bytesWithout(shipped);
        if (all > ZooResources.MAX_BYTES) {
            throw new IOException(
                    "With the "
                            + bytes
                            + " bytes of "
                            + shipped
                            + " the zoo has "
                            + all
                            + " bytes, "
                            + ZooResources.MAX_BYTES
                            + " are allowed; nothing was changed");
        }
        Path folder = zoo.folder(shipped);
        delete(folder);
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(made)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        zoo.list(shipped);
        System.out.printf(
                Locale.ROOT,
                "%s: %.4f of %d (float32 %.4f), %s, %d bytes; the zoo has %d%n",
                shipped,
                accuracy,
                pictures.count(),
                full,
                isHalf ? "float16" : "float32",
                bytes,
                all);
        return new Shipped(folder, accuracy, full, isHalf, bytes);
    }

    /** Which pictures, and how many of them the training says it used. */
    private static String data(Model trained, TestPictures pictures) {
        String said = ModelInfo.of(trained).provenance().getOrDefault("data", "");
        int comma = said.indexOf(',');
        String count = comma < 0 ? "" : said.substring(comma);
        return pictures.title() + count.replace(" JPEG images", " training images");
    }

    private static String on(double accuracy, int count, String what) {
        return String.format(Locale.ROOT, "%.4f on the %,d %s", accuracy, count, what);
    }

    private static void delete(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
