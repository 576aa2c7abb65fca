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
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.zoo.TcnnZoo;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Prints the table of the page on compression: the zoo's trained ResNet-20, converted to several
 * formats at several compressions, its accuracy straight after, after batch normalisation was
 * measured anew, and after one epoch of fine-tuning on the images that ship with this module.
 *
 * @since 0.1.0
 */
@Command(
        name = "CompressionTable",
        description = "Compresses a trained ResNet in several ways and prints the accuracies.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class CompressionTable implements Callable<Integer> {

    private static final Shape INPUT = new Shape(1, 1, LabelledImages.SIZE, LabelledImages.SIZE);

    @Option(
            names = "--formats",
            split = ",",
            description = "Of tr, tt, tk2, cp (default: ${DEFAULT-VALUE}).")
    private List<String> formats = List.of("tr", "tt", "tk2", "cp");

    @Option(
            names = "--folds",
            split = ",",
            description = "How many times fewer parameters per layer (default: ${DEFAULT-VALUE}).")
    private List<Integer> folds = List.of(2, 4, 8);

    @Option(
            names = "--images",
            description = "Use the first N training and N test images (default: all).")
    private int images = Integer.MAX_VALUE;

    @Option(names = "--seed", description = "Default: ${DEFAULT-VALUE}.")
    private int seed = 1;

    private CompressionTable() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(CompressionTable::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the number of lines, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read
     */
    public static Integer runExample(String... args) throws Exception {
        return Cli.call(new CompressionTable(), args);
    }

    @Override
    public Integer call() throws Exception {
        System.out.println(
                "| format | fold | parameters | times fewer | MACs | mean kernel error | straight"
                        + " after | recalibrated | fine-tuned |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        int lines = 0;
        for (String format : formats) {
            for (int fold : folds) {
                line(format, fold);
                lines++;
            }
        }
        return lines;
    }

    private void line(String format, int fold) throws Exception {
        LabelledImages train = FashionMnist.subset().train().head(images);
        LabelledImages test = FashionMnist.subset().test().head(images);
        Engine.getInstance().setRandomSeed(seed);
        try (Model model = TcnnZoo.load("resnet20_fashionmnist")) {
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(FineTuning.FORMATS.get(format))
                            .optRank(Rank.ratio(1.0 / fold))
                            .optKeepFirst(true)
                            .optFilter(path -> !path.startsWith("head"))
                            .optDecomposer(FineTuning.decomposer(seed))
                            .build()
                            .convert(model.getBlock(), INPUT)
                            .report();
            double straight = FineTuning.accuracy(model, test);
            FineTuning.recalibrate(model, train);
            double recalibrated = FineTuning.accuracy(model, test);
            FineTuning.tune(model, train, 1, 64, 0.02f);
            double tuned = FineTuning.accuracy(model, test);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %d | %,d | %.2f | %,d | %.3f | %.4f | %.4f | %.4f |%n",
                    format,
                    fold,
                    report.parametersAfter(),
                    (double) report.parametersBefore() / report.parametersAfter(),
                    report.macsAfter(),
                    report.layers().stream()
                            .mapToDouble(layer -> layer.relativeError())
                            .filter(error -> !Double.isNaN(error))
                            .average()
                            .orElse(0),
                    straight,
                    recalibrated,
                    tuned);
        }
    }
}
