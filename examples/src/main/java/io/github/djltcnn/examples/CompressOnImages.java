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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.compression.Distillation;
import io.github.djltcnn.conversion.Conversion;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.LayerReport;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.SaveOptions;
import io.github.djltcnn.models.TensorialModels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Compresses a trained ResNet-20 by its kernels and by its answers to unlabelled images, side by
 * side, and measures what is left of its accuracy: a network of others on CIFAR-10, whose weights
 * and images are given by their paths, or the zoo's on Fashion-MNIST.
 *
 * <p>Each row goes to a file as soon as it is measured; rows that are there already are printed as
 * they are.
 *
 * @since 0.2.0
 */
@Command(
        name = "CompressOnImages",
        description = "Compresses a trained ResNet by kernels and by answers, side by side.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class CompressOnImages implements Callable<Integer> {

    private static final String HEADER =
            "network,method,format,fold,tested,parameters,macs,kernelError,answerError,straight,"
                    + "recalibrated,distilled,cpuSeconds,distilSeconds";

    private static final int BATCH = 100;

    private static final Map<String, Function<Rank, TensorFormat>> FORMATS = formats();

    @Spec private CommandSpec spec;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description =
                    "Weights of a CIFAR ResNet-20, safetensors with the names of PyTorch; the"
                            + " zoo's on Fashion-MNIST without.")
    private Path weights;

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "A saved model that takes colour images of 32 x 32; for --images.")
    private Path folder;

    @Option(
            names = "--images",
            paramLabel = "FOLDER",
            description = "Images in train/CLASS and test/CLASS; for --weights or --model.")
    private Path images;

    @Option(
            names = "--formats",
            split = ",",
            description = "Of tk2, tt, tr, cp, htk2, bt (default: ${DEFAULT-VALUE}).")
    private List<String> formats = List.of("tk2", "tt", "cp", "htk2", "bt", "tr");

    @Option(
            names = "--folds",
            split = ",",
            description = "How many times fewer parameters (default: ${DEFAULT-VALUE}).")
    private List<Integer> folds = List.of(2, 4);

    @Option(
            names = "--methods",
            split = ",",
            description = "Of kernels and answers (default: ${DEFAULT-VALUE}).")
    private List<String> methods = List.of("kernels", "answers");

    @Option(
            names = "--train",
            description = "Unlabelled training images to look at (default: ${DEFAULT-VALUE}).")
    private int train = 1_000;

    @Option(names = "--test", description = "Images to test on (default: ${DEFAULT-VALUE}).")
    private int test = 10_000;

    @Option(
            names = "--distil",
            description =
                    "Unlabelled training images to pass over once afterwards, towards the answers"
                            + " of the dense network (default: ${DEFAULT-VALUE}).")
    private int distil;

    @Option(names = "--rate", description = "Of --distil (default: ${DEFAULT-VALUE}).")
    private float rate = 3e-4f;

    @Option(
            names = "--save",
            paramLabel = "FOLDER",
            description =
                    "Saves each compressed network of --model to FOLDER/FORMAT_FOLD/model, and"
                            + " measures the accuracy of what it saves alone.")
    private Path save;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "The rows; those that are there are kept (default: ${DEFAULT-VALUE}).")
    private Path csv = Path.of("docs", "data", "answers.csv");

    private NDManager manager;
    private TrainedNetwork network;

    private CompressOnImages() {}

    private static Map<String, Function<Rank, TensorFormat>> formats() {
        Map<String, Function<Rank, TensorFormat>> formats = new LinkedHashMap<>();
        formats.put("tk2", TensorFormats::tucker2);
        formats.put("tt", TensorFormats::tensorTrain);
        formats.put("tr", TensorFormats::tensorRing);
        formats.put("cp", TensorFormats::cp);
        formats.put("htk2", TensorFormats::hyperTucker2);
        formats.put("bt", rank -> TensorFormats.blockTerm(2, rank));
        return formats;
    }

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(CompressOnImages::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the number of rows, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read
     */
    public static Integer runExample(String... args) throws Exception {
        return Cli.call(new CompressOnImages(), args);
    }

    @Override
    public Integer call() throws Exception {
        for (String format : formats) {
            if (!FORMATS.containsKey(format)) {
                throw Cli.wrong(
                        spec, "--formats: expected " + FORMATS.keySet() + ", got " + format);
            }
        }
        for (String method : methods) {
            if (!List.of("kernels", "answers").contains(method)) {
                throw Cli.wrong(spec, "--methods: expected kernels or answers, got " + method);
            }
        }
        if ((weights != null || folder != null) != (images != null)) {
            throw Cli.wrong(spec, "--weights or --model, and --images are given together");
        }
        if (weights != null && folder != null) {
            throw Cli.wrong(spec, "--weights and --model are two networks; give one");
        }
        if (save != null && folder == null) {
            throw Cli.wrong(spec, "--save needs --model, which says how to build the network");
        }
        ResumableCsv rows = new ResumableCsv(csv, HEADER);
        try (NDManager base = NDManager.newBaseManager()) {
            manager = base;
            load();
            int count = 1;
            print(rows, "dense", "-", 1);
            for (String format : formats) {
                for (int fold : folds) {
                    for (String method : methods) {
                        print(rows, method, format, fold);
                        count++;
                    }
                }
            }
            return count;
        }
    }

    private void load() throws Exception {
        int count = Math.max(train, distil);
        if (images == null) {
            network = TrainedNetwork.fashion(manager, count, test);
        } else if (weights != null) {
            network = TrainedNetwork.ofWeights(manager, weights, images, count, test);
        } else {
            network = TrainedNetwork.ofFolder(manager, folder, images, count, test);
        }
    }

    private void print(ResumableCsv rows, String method, String format, int fold) throws Exception {
        String key = String.join(",", network.name(), method, format, String.valueOf(fold));
        if (rows.get(key) == null) {
            rows.add(key + "," + measure(method, format, fold));
        }
        System.out.println("| " + String.join(" | ", rows.get(key)) + " |");
    }

    private String measure(String method, String format, int fold) throws Exception {
        Engine.getInstance().setRandomSeed(1);
        try (Model model = network.load()) {
            Shape input = network.test().get("0:1").getShape();
            if (method.equals("dense")) {
                ModelSummary summary = ModelSummary.of(model.getBlock(), input);
                double accuracy = accuracy(model);
                return String.format(
                        Locale.ROOT,
                        "%d,%d,%d,0.0000,0.0000,%.4f,%.4f,%.4f,0.0,0.0",
                        network.labels().length,
                        summary.parameters(),
                        summary.macs(),
                        accuracy,
                        accuracy,
                        accuracy);
            }
            Tensorizer.Builder builder = tensorizer(method, format, fold);
            double start = ProcessorTime.seconds();
            Conversion conversion = builder.build().convert(model.getBlock(), input);
            double seconds = ProcessorTime.seconds() - start;
            model.setBlock(conversion.block());
            ConversionReport report = conversion.report();
            double straight = save == null ? accuracy(model) : Double.NaN;
            BatchNorms.recalibrate(model, images(train), Math.max(1, train / BATCH));
            double recalibrated = save == null || distil == 0 ? accuracy(model) : Double.NaN;
            start = ProcessorTime.seconds();
            double distilled = distil > 0 ? distilled(model) : Double.NaN;
            double distilSeconds = distil > 0 ? ProcessorTime.seconds() - start : 0;
            if (save != null) {
                save(model, format, fold, distil > 0 ? distilled : recalibrated);
            }
            return String.format(
                    Locale.ROOT,
                    "%d,%d,%d,%.4f,%.4f,%.4f,%.4f,%.4f,%.1f,%.1f",
                    network.labels().length,
                    report.parametersAfter(),
                    report.macsAfter(),
                    mean(report, false),
                    mean(report, true),
                    straight,
                    recalibrated,
                    distilled,
                    seconds,
                    distilSeconds);
        }
    }

    private Tensorizer.Builder tensorizer(String method, String format, int fold) {
        boolean kernels = method.equals("kernels");
        double share = 1.0 / fold;
        Tensorizer.Builder builder =
                Tensorizer.builder()
                        .setFormat(FORMATS.get(format))
                        .optRank(kernels ? Rank.bestRatio(share) : Rank.targetParameters(share))
                        .optKeepFirst(true)
                        .optFilter(path -> !path.startsWith("head"))
                        .optDecomposer(
                                Decomposer.builder()
                                        .optSeed(1)
                                        .optStarts(1)
                                        .optMaxSweeps(60)
                                        .optMaxMacs(1e10)
                                        .build());
        return kernels ? builder : builder.optImages(images(train), train);
    }

    /** The first of the training images. */
    private ArrayDataset images(int count) {
        NDArray all = network.train();
        NDArray first = all.get("0:" + Math.min(count, all.getShape().get(0)));
        return new ArrayDataset.Builder().setData(first).setSampling(BATCH, false).build();
    }

    /** Learns the answers of the dense network in one pass, with the statistics as they are. */
    private double distilled(Model model) throws Exception {
        try (Model dense = network.load()) {
            Distillation.builder()
                    .setTeacher(dense)
                    .optRate(rate)
                    .optKeepStatistics(true)
                    .build()
                    .train(model, images(distil));
        }
        return accuracy(model);
    }

    private void save(Model model, String format, int fold, double accuracy) throws Exception {
        ModelInfo dense = ModelInfo.read(folder);
        Path to = save.resolve(format + "_" + fold).resolve("model");
        TensorialModels.save(
                model,
                to,
                new SaveOptions()
                        .optName(dense.name() + "_" + format + "_" + fold)
                        .optProvenance("program", CompressOnImages.class.getName())
                        .optProvenance(
                                "options",
                                "--formats "
                                        + format
                                        + " --folds "
                                        + fold
                                        + " --methods answers --train "
                                        + train
                                        + " --distil "
                                        + distil
                                        + " --rate "
                                        + rate)
                        .optProvenance("teacher", dense.name())
                        .optProvenance(
                                "accuracy",
                                String.format(
                                        Locale.ROOT,
                                        "%.4f on %d test images",
                                        accuracy,
                                        network.labels().length)));
    }

    private static double mean(ConversionReport report, boolean answers) {
        return report.layers().stream()
                .mapToDouble(answers ? LayerReport::weightedError : LayerReport::relativeError)
                .filter(e -> !Double.isNaN(e))
                .average()
                .orElse(Double.NaN);
    }

    /** The share of images whose likeliest class is their label. */
    private double accuracy(Model model) {
        int right = 0;
        int count = network.labels().length;
        int size = Math.min(BATCH, count);
        Shape batch = network.test().get("0:" + size).getShape();
        try (Compiled compiled = Compiled.of(model.getBlock(), batch)) {
            for (int start = 0; start < count; start += size) {
                try (NDManager step = manager.newSubManager()) {
                    NDArray x = network.test().get(start + ":" + Math.min(count, start + size));
                    x.attach(step);
                    NDArray scores =
                            compiled.forward(new ParameterStore(step, false), new NDList(x), false)
                                    .singletonOrThrow();
                    long[] answers = scores.argMax(1).toLongArray();
                    for (int i = 0; i < answers.length; i++) {
                        right += answers[i] == network.labels()[start + i] ? 1 : 0;
                    }
                }
            }
        }
        return (double) right / count;
    }
}
