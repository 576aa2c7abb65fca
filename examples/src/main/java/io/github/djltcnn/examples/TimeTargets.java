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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import io.github.djltcnn.compression.CompressionPlan;
import io.github.djltcnn.compression.CompressionReport;
import io.github.djltcnn.compression.CompressionResult;
import io.github.djltcnn.compression.CompressionTarget;
import io.github.djltcnn.compression.Compressor;
import io.github.djltcnn.compression.PredictionMode;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.zoo.TcnnZoo;
import io.github.djltcnn.zoo.TensorialResNet;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Compresses networks to a share of their time, measures whether they keep the promise, and
 * compares them with networks of fewer multiply-adds that take the same time. Compiled predictions,
 * dense and compressed in turn.
 *
 * <p>{@code resnet20} is the zoo's on Fashion-MNIST, with accuracies; {@code resnet18} has fresh
 * weights and takes images of 64 x 64 random pixels, so that its answers are compared with those of
 * the dense network. Rows go to a file one by one, and what is there is not measured again.
 *
 * @since 0.2.0
 */
@Command(
        name = "TimeTargets",
        description = "Compresses networks to a share of their time, and checks the promise.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class TimeTargets implements Callable<Integer> {

    private static final String HEADER =
            "network,batch,target,asked,promised,measured,parameters,macs,agreement,accuracy,"
                    + "denseMs,ms,planSeconds";

    /** Shares of the multiply-adds to look for one of equal time among. */
    private static final double[] SHARES = {0.8, 0.7, 0.6, 0.5, 0.42, 0.35, 0.28, 0.22};

    private static final int PIXELS = 64;

    @Spec private CommandSpec spec;

    @Option(
            names = "--networks",
            split = ",",
            description = "Of resnet20 and resnet18 (default: ${DEFAULT-VALUE}).")
    private List<String> networks = List.of("resnet20", "resnet18");

    @Option(names = "--batches", split = ",", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> batches = List.of(1, 32);

    @Option(names = "--share", description = "Share of the time (default: ${DEFAULT-VALUE}).")
    private double share = 0.5;

    @Option(
            names = "--images",
            description = "Images to fit layers on (default: ${DEFAULT-VALUE}).")
    private int images = 400;

    @Option(names = "--test", description = "Images to test on (default: ${DEFAULT-VALUE}).")
    private int test = 2_000;

    @Option(names = "--seconds", description = "To measure a time for (default: ${DEFAULT-VALUE}).")
    private double seconds = 2;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "The rows; those that are there are kept (default: ${DEFAULT-VALUE}).")
    private Path csv = Path.of("docs", "data", "timetargets.csv");

    private TimeTargets() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(TimeTargets::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the number of rows, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read
     */
    public static Integer runExample(String... args) throws Exception {
        return Cli.call(new TimeTargets(), args);
    }

    @Override
    public Integer call() throws Exception {
        if (!(share > 0 && share < 1)) {
            throw Cli.wrong(spec, "--share: expected a number between 0 and 1, got " + share);
        }
        ResumableCsv rows = new ResumableCsv(csv, HEADER);
        int count = 0;
        for (String network : networks) {
            for (int batch : batches) {
                for (String target : List.of("time", "macs")) {
                    String key = key(network, batch, target);
                    if (rows.get(key) == null) {
                        rows.add(key + "," + row(network, batch, target, rows));
                    }
                    System.out.println(String.join(" | ", rows.get(key)));
                    count++;
                }
            }
        }
        return count;
    }

    private String key(String network, int batch, String target) {
        return String.join(",", network, String.valueOf(batch), target, String.valueOf(share));
    }

    private String row(String network, int batch, String target, ResumableCsv rows)
            throws Exception {
        Engine.getInstance().setRandomSeed(1);
        try (NDManager manager = NDManager.newBaseManager();
                Model model = model(network)) {
            Compressor.Builder builder =
                    Compressor.builder()
                            .setModel(model)
                            .optFormat(TimeTargets::formats)
                            .optPrediction(PredictionMode.COMPILED, batch)
                            .optMeasureSeconds(seconds)
                            .optCalibrationImages(images);
            images(network, manager, builder);
            long begin = System.nanoTime();
            Compressor compressor =
                    target.equals("time")
                            ? builder.optTarget(CompressionTarget.TIME, share).build()
                            : closest(
                                    builder,
                                    Double.parseDouble(rows.get(key(network, batch, "time"))[5]));
            CompressionPlan plan = compressor.plan();
            double planned = (System.nanoTime() - begin) * 1e-9;
            try (CompressionResult result = compressor.run()) {
                return line(plan, result.report(), planned);
            }
        }
    }

    private static String line(CompressionPlan plan, CompressionReport report, double planned) {
        CompressionReport.Latency time =
                report.latency().stream()
                        .filter(each -> each.mode() == PredictionMode.COMPILED)
                        .findFirst()
                        .orElseThrow();
        CompressionReport.Stage last = report.stages().get(report.stages().size() - 1);
        return String.format(
                Locale.ROOT,
                "%.3f,%.3f,%d,%d,%.4f,%.4f,%.3f,%.3f,%.0f",
                plan.latency().get(0).ratio(),
                time.ratio(),
                report.layers().parametersAfter(),
                report.layers().macsAfter(),
                last.agreement(),
                last.accuracy(),
                1e3 * time.before(),
                1e3 * time.after(),
                planned);
    }

    /** The share of multiply-adds whose time is nearest. */
    private static Compressor closest(Compressor.Builder builder, double ratio) throws Exception {
        Compressor best = null;
        double least = Double.POSITIVE_INFINITY;
        for (double macs : SHARES) {
            Compressor tried;
            double found;
            try {
                tried = builder.optTarget(CompressionTarget.MACS, macs).build();
                found = tried.plan().latency().get(0).ratio();
            } catch (IllegalArgumentException e) {
                break; // the formats have no fewer multiply-adds
            }
            double distance = Math.abs(Math.log(found / ratio));
            if (distance < least) {
                least = distance;
                best = tried;
            }
            if (found < ratio) {
                break;
            }
        }
        return best;
    }

    /** For both targets the same. */
    private static TensorFormat formats(Rank rank) {
        return TensorFormats.any(
                TensorFormats.tucker2(rank),
                TensorFormats.graph("i h w r, r o", rank),
                TensorFormats.graph("i h r, r w o", rank));
    }

    private Model model(String network) throws Exception {
        if (network.equals("resnet20")) {
            return TcnnZoo.load("resnet20_fashionmnist");
        }
        if (!network.equals("resnet18")) {
            throw Cli.wrong(spec, "--networks: expected resnet20 or resnet18, got " + network);
        }
        Model model = Model.newInstance("resnet18");
        Block block = TensorialResNet.imageNet(18).setOutSize(100).build();
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, PIXELS, PIXELS));
        block.getParameters().values().forEach(p -> p.getArray().setRequiresGradient(false));
        model.setBlock(block);
        return model;
    }

    private void images(String network, NDManager manager, Compressor.Builder builder) {
        if (network.equals("resnet20")) {
            FashionMnist data = FashionMnist.subset();
            builder.optImages(data.train().head(images).toPixelDataset(manager, 50, true))
                    .optTestImages(data.test().head(test).toPixelDataset(manager, 50, false));
            return;
        }
        builder.optImages(random(manager, Math.min(images, 64)));
    }

    private static Dataset random(NDManager manager, int count) {
        NDArray pixels = manager.randomNormal(new Shape(count, 3, PIXELS, PIXELS));
        return new ArrayDataset.Builder().setData(pixels).setSampling(16, false).build();
    }
}
