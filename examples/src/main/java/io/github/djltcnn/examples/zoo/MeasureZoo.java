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
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.examples.Cli;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.zoo.TcnnZoo;
import io.github.djltcnn.zoo.TrainedModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures the models that ship with the zoo as a service meets them: files of PNG and JPEG through
 * {@code Predictor<Image, Classifications>}, on the whole test data. Each accuracy is compared with
 * that of the table.
 *
 * @since 0.2.0
 */
@Command(
        name = "MeasureZoo",
        description = "Measures the trained models of the zoo on PNG and JPEG files.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class MeasureZoo implements Callable<List<MeasureZoo.Row>> {

    /** How far an accuracy may be from that of the table. */
    static final double TOLERANCE = .003;

    @Spec private CommandSpec spec;

    @Option(
            names = "--fashion",
            paramLabel = "FOLDER",
            description = "The folder with the idx .gz files of Fashion-MNIST.")
    private Path fashion;

    @Option(
            names = "--cifar",
            paramLabel = "FOLDER",
            description = "Colour pictures, test/CLASS/..")
    private Path cifar;

    @Option(names = "--model", paramLabel = "NAME", description = "Only this model (default: all).")
    private String only;

    private MeasureZoo() {}

    /**
     * A measurement.
     *
     * @param model the model
     * @param type the type of the files, png or jpg
     * @param accuracy the share of files that were recognised
     * @param files how many there were
     * @param table the accuracy that the table has
     */
    public record Row(String model, String type, double accuracy, int files, double table) {

        /**
         * Says whether the accuracy is that of the table, within 0.003.
         *
         * @return whether it is
         */
        public boolean agrees() {
            // A little more for what is lost in four digits.
            return Math.abs(accuracy - table) <= TOLERANCE + 1e-9;
        }
    }

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(MeasureZoo::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the measurements, null after {@code --help}
     * @throws Exception if an option is wrong, a file cannot be read, or an accuracy is not that of
     *     the table
     */
    public static List<Row> runExample(String... args) throws Exception {
        return Cli.call(new MeasureZoo(), args);
    }

    @Override
    public List<Row> call() throws Exception {
        List<TestPictures> given = new ArrayList<>();
        if (fashion != null) {
            given.add(TestPictures.fashion(FashionMnist.load(fashion).test()));
        }
        if (cifar != null) {
            given.add(TestPictures.cifar(cifar, Integer.MAX_VALUE));
        }
        if (given.isEmpty()) {
            throw Cli.wrong(spec, "--fashion, --cifar: expected at least one of them");
        }
        List<Row> rows = new ArrayList<>();
        System.out.println("model,type,accuracy,files,table");
        for (TrainedModel trained : TcnnZoo.trained()) {
            if (only != null && !only.equals(trained.name())) {
                continue;
            }
            for (TestPictures pictures : given) {
                if (pictures.dataset().equals(trained.dataset())) {
                    for (String type : List.of("png", "jpg")) {
                        Row row = measure(trained, pictures, type);
                        rows.add(row);
                        System.out.printf(
                                Locale.ROOT,
                                "%s,%s,%.4f,%d,%.4f%n",
                                row.model,
                                row.type,
                                row.accuracy,
                                row.files,
                                row.table);
                    }
                }
            }
        }
        List<Row> others = rows.stream().filter(row -> !row.agrees()).toList();
        if (!others.isEmpty()) {
            throw new IOException("The table says something else: " + others);
        }
        return rows;
    }

    private static Row measure(TrainedModel trained, TestPictures pictures, String type)
            throws Exception {
        try (Model model = TcnnZoo.load(trained.name(), Device.cpu())) {
            return new Row(
                    trained.name(),
                    type,
                    accuracy(model, pictures, type),
                    pictures.count(),
                    trained.accuracy());
        }
    }

    /** The share of files that a model recognises. */
    static double accuracy(Model model, TestPictures pictures, String type)
            throws IOException, TranslateException {
        int right = 0;
        try (Predictor<Image, Classifications> predictor =
                model.newPredictor(
                        TensorialModels.translator(model, Image.class, Classifications.class))) {
            for (int n = 0; n < pictures.count(); n++) {
                Image image =
                        ImageFactory.getInstance()
                                .fromInputStream(new ByteArrayInputStream(pictures.file(n, type)));
                String best = predictor.predict(image).best().getClassName();
                right += best.equals(pictures.label(n)) ? 1 : 0;
            }
        }
        return (double) right / pictures.count();
    }
}
