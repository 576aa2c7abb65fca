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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import com.sun.management.OperatingSystemMXBean;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.conversion.Conversion;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.LayerReport;
import io.github.djltcnn.conversion.ModelSummary;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.examples.data.ColourImages;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.NameMap;
import io.github.djltcnn.models.WeightImport;
import io.github.djltcnn.zoo.TcnnZoo;
import io.github.djltcnn.zoo.TensorialResNet;
import io.github.djltcnn.zoo.TorchvisionNames;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
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
                    + "recalibrated,cpuSeconds";

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
    private static final int SIZE = 32;
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
            names = "--images",
            paramLabel = "FOLDER",
            description = "Images in train/CLASS and test/CLASS; for --weights.")
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
            names = "--csv",
            paramLabel = "FILE",
            description = "The rows; those that are there are kept (default: ${DEFAULT-VALUE}).")
    private Path csv = Path.of("docs", "data", "answers.csv");

    private NDManager manager;
    private NDArray trainImages;
    private NDArray testImages;
    private int[] testLabels;
    private String network;

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
        if ((weights == null) != (images == null)) {
            throw Cli.wrong(spec, "--weights and --images are given together");
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
        if (weights == null) {
            network = "fashion";
            FashionMnist data = FashionMnist.subset();
            LabelledImages tests = data.test().head(test);
            trainImages = data.train().head(train).toPixels(manager);
            testImages = tests.toPixels(manager);
            testLabels = new int[tests.count()];
            Arrays.setAll(testLabels, tests::label);
        } else {
            network = "cifar";
            ColourImages tests = ColourImages.read(images.resolve("test"), test, SIZE);
            trainImages =
                    ColourImages.read(images.resolve("train"), train, SIZE)
                            .toArray(manager, MEAN, DEVIATION);
            testImages = tests.toArray(manager, MEAN, DEVIATION);
            testLabels = new int[tests.count()];
            Arrays.setAll(testLabels, tests::label);
        }
    }

    private Model model() throws Exception {
        if (weights == null) {
            return TcnnZoo.load("resnet20_fashionmnist");
        }
        Model model = Model.newInstance("resnet20");
        Block block = TensorialResNet.cifar(20).setOutSize(10).build();
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, SIZE, SIZE));
        TorchvisionNames torchvision = new TorchvisionNames();
        NameMap names =
                new NameMap() {
                    @Override
                    public String fileName(String path, Parameter.Type type) {
                        return torchvision.fileName(path, type).replaceFirst("^fc\\.", "linear.");
                    }

                    @Override
                    public boolean isIgnored(String fileName) {
                        return torchvision.isIgnored(fileName);
                    }
                };
        WeightImport.fromSafetensors(block, weights, names);
        model.setBlock(block);
        return model;
    }

    private void print(ResumableCsv rows, String method, String format, int fold) throws Exception {
        String key = String.join(",", network, method, format, String.valueOf(fold));
        if (rows.get(key) == null) {
            rows.add(key + "," + measure(method, format, fold));
        }
        System.out.println("| " + String.join(" | ", rows.get(key)) + " |");
    }

    private String measure(String method, String format, int fold) throws Exception {
        Engine.getInstance().setRandomSeed(1);
        try (Model model = model()) {
            Shape input = testImages.get("0:1").getShape();
            if (method.equals("dense")) {
                ModelSummary summary = ModelSummary.of(model.getBlock(), input);
                double accuracy = accuracy(model);
                return line(summary.parameters(), summary.macs(), 0, 0, accuracy, accuracy, 0);
            }
            ArrayDataset data =
                    new ArrayDataset.Builder()
                            .setData(trainImages)
                            .setSampling(BATCH, false)
                            .build();
            Tensorizer.Builder builder =
                    Tensorizer.builder()
                            .setFormat(FORMATS.get(format))
                            .optRank(
                                    method.equals("kernels")
                                            ? Rank.bestRatio(1.0 / fold)
                                            : Rank.targetParameters(1.0 / fold))
                            .optKeepFirst(true)
                            .optFilter(path -> !path.startsWith("head"))
                            .optDecomposer(
                                    Decomposer.builder()
                                            .optSeed(1)
                                            .optStarts(1)
                                            .optMaxSweeps(60)
                                            .optMaxMacs(1e10)
                                            .build());
            if (method.equals("answers")) {
                builder.optImages(data, train);
            }
            double start = processorSeconds();
            Conversion conversion = builder.build().convert(model.getBlock(), input);
            double seconds = processorSeconds() - start;
            model.setBlock(conversion.block());
            ConversionReport report = conversion.report();
            double straight = accuracy(model);
            BatchNorms.recalibrate(model, data, Math.max(1, train / BATCH));
            double recalibrated = accuracy(model);
            return line(
                    report.parametersAfter(),
                    report.macsAfter(),
                    mean(report, false),
                    mean(report, true),
                    straight,
                    recalibrated,
                    seconds);
        }
    }

    /** The time that the process had a processor, which other work on the machine leaves alone. */
    private static double processorSeconds() {
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime() / 1e9;
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
        Shape batch = testImages.get("0:" + Math.min(BATCH, testLabels.length)).getShape();
        try (Compiled compiled = Compiled.of(model.getBlock(), batch)) {
            int size = (int) batch.get(0);
            for (int start = 0; start + size <= testLabels.length; start += size) {
                try (NDManager step = manager.newSubManager()) {
                    NDArray x = testImages.get(start + ":" + (start + size));
                    x.attach(step);
                    NDArray scores =
                            compiled.forward(new ParameterStore(step, false), new NDList(x), false)
                                    .singletonOrThrow();
                    long[] answers = scores.argMax(1).toLongArray();
                    for (int i = 0; i < answers.length; i++) {
                        right += answers[i] == testLabels[start + i] ? 1 : 0;
                    }
                }
            }
        }
        return (double) right / testLabels.length;
    }

    private String line(
            long parameters,
            long macs,
            double kernelError,
            double answerError,
            double straight,
            double recalibrated,
            double seconds) {
        return String.format(
                Locale.ROOT,
                "%d,%d,%d,%.4f,%.4f,%.4f,%.4f,%.1f",
                testLabels.length,
                parameters,
                macs,
                kernelError,
                answerError,
                straight,
                recalibrated,
                seconds);
    }
}
