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
import ai.djl.nn.Block;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.LayerReport;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.nn.TensorialConvolution;
import io.github.djltcnn.zoo.TcnnZoo;
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
 * Prints the table of the page on compression: the zoo's trained ResNet-20, converted to several
 * formats at several compressions, its accuracy straight after, after batch normalisation was
 * measured anew, and after one epoch of fine-tuning on the images that ship with this module.
 *
 * <p>Each row goes to a file as soon as it is measured; rows that are there already are printed as
 * they are.
 *
 * @since 0.1.0
 */
@Command(
        name = "CompressionTable",
        description = "Compresses a trained ResNet in several ways and prints the accuracies.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class CompressionTable implements Callable<Integer> {

    @Spec private CommandSpec spec;

    private static final String HEADER =
            "format,ranks,fold,parameters,macs,error,straight,recalibrated,tuned";
    private static final int PARAMETERS = 3;
    private static final int MACS = 4;

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
            names = "--ranks",
            split = ",",
            description =
                    "Of layer (the same share for each), parameters (of the whole model, as many as"
                            + " layer has) and macs (of the whole model, so many times fewer)"
                            + " (default: ${DEFAULT-VALUE}).")
    private List<String> rules = List.of("layer", "parameters", "macs");

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "The rows; those that are there are kept (default: ${DEFAULT-VALUE}).")
    private Path csv = Path.of("docs", "data", "compression.csv");

    @Mixin private ImageOptions imageOptions;

    @Option(names = "--seed", description = "Default: ${DEFAULT-VALUE}.")
    private int seed = 1;

    private FashionMnist data;
    private ResumableCsv rows;

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
        for (String format : formats) {
            if (!FineTuning.FORMATS.containsKey(format)) {
                throw Cli.wrong(spec, "--formats: expected tr, tt, tk2 or cp, got " + format);
            }
        }
        for (String rule : rules) {
            if (!List.of("layer", "parameters", "macs").contains(rule)) {
                throw Cli.wrong(spec, "--ranks: expected layer, parameters or macs, got " + rule);
            }
        }
        data = imageOptions.load(spec);
        rows = new ResumableCsv(csv, HEADER);
        System.out.println(
                "| format | ranks | fold | parameters | times fewer | MACs | mean kernel error"
                        + " | straight after | recalibrated | fine-tuned |");
        System.out.println("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        print(row("dense", "-", 1));
        int lines = 1;
        for (String format : formats) {
            for (int fold : folds) {
                for (String rule : rules) {
                    print(row(format, rule, fold));
                    lines++;
                }
            }
        }
        return lines;
    }

    private String[] row(String format, String rule, int fold) throws Exception {
        String key = format + "," + rule + "," + fold;
        if (rows.get(key) == null) {
            rows.add(key + "," + measure(format, rule, fold));
        }
        return rows.get(key);
    }

    private String measure(String format, String rule, int fold) throws Exception {
        Engine.getInstance().setRandomSeed(seed);
        try (Model model = TcnnZoo.load("resnet20_fashionmnist")) {
            if (format.equals("dense")) {
                ModelSummary summary = ModelSummary.of(model.getBlock(), INPUT);
                double accuracy = FineTuning.accuracy(model, data.test());
                return line(summary.parameters(), summary.macs(), 0, accuracy, accuracy, accuracy);
            }
            float[] answers = FineTuning.answers(model, data.train());
            ConversionReport report =
                    FineTuning.tensorizer(format, rank(format, rule, fold), seed)
                            .build()
                            .convert(model.getBlock(), INPUT)
                            .report();
            long macs = macs(model.getBlock());
            for (LayerReport layer : report.layers()) {
                macs += layer.isConverted() ? 0 : layer.macsBefore();
            }
            double straight = FineTuning.accuracy(model, data.test());
            FineTuning.recalibrate(model, data.train());
            double recalibrated = FineTuning.accuracy(model, data.test());
            FineTuning.tune(model, data.train(), answers, 1, FineTuning.RATE);
            double tuned = FineTuning.accuracy(model, data.test());
            double error =
                    report.layers().stream()
                            .mapToDouble(LayerReport::relativeError)
                            .filter(e -> !Double.isNaN(e))
                            .average()
                            .orElse(0);
            return line(report.parametersAfter(), macs, error, straight, recalibrated, tuned);
        }
    }

    /**
     * The multiply-adds of all tensorial layers with the cores applied one after another, as {@link
     * Rank#targetMacs} counts them. The layers may choose a faster order that has more.
     */
    private static long macs(Block block) {
        long macs = 0;
        if (block instanceof TensorialConvolution conv) {
            macs += conv.getNetwork().macs(conv.getGeometry(), conv.getInputShapes()[0]);
        }
        for (Block child : block.getChildren().values()) {
            macs += macs(child);
        }
        return macs;
    }

    private Rank rank(String format, String rule, int fold) throws Exception {
        return switch (rule) {
            case "layer" -> Rank.bestRatio(1.0 / fold);
            case "macs" -> Rank.targetMacs(1.0 / fold);
            default ->
                    Rank.targetParameters(
                            Double.parseDouble(row(format, "layer", fold)[PARAMETERS])
                                    / Double.parseDouble(row("dense", "-", 1)[PARAMETERS]));
        };
    }

    private static String line(
            long parameters,
            long macs,
            double error,
            double straight,
            double recalibrated,
            double tuned) {
        return String.format(
                Locale.ROOT,
                "%d,%d,%.4f,%.4f,%.4f,%.4f",
                parameters,
                macs,
                error,
                straight,
                recalibrated,
                tuned);
    }

    private void print(String... row) throws Exception {
        double dense = Double.parseDouble(row("dense", "-", 1)[PARAMETERS]);
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %s | %,d | %.2f | %,d | %s | %s | %s | %s |%n",
                row[0],
                row[1],
                row[2],
                Long.parseLong(row[PARAMETERS]),
                dense / Long.parseLong(row[PARAMETERS]),
                Long.parseLong(row[MACS]),
                row[MACS + 1],
                row[MACS + 2],
                row[MACS + 3],
                row[MACS + 4]);
    }
}
