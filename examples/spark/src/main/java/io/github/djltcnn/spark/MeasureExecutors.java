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
package io.github.djltcnn.spark;

import io.github.djltcnn.examples.Cli;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures how many pictures a second one and two executors score: a master and one or two workers
 * as processes of this machine, one core each. The job runs a few times on each; the first is not
 * counted, executors start and load the model in it.
 *
 * @since 0.2.0
 */
@Command(
        name = "MeasureExecutors",
        description = "Measures pictures a second with one and two executors.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class MeasureExecutors implements Callable<String> {

    private static final double NANOS = 1e9;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description =
                    "A model of the zoo, or the folder of a saved one (default: ${DEFAULT-VALUE}).")
    private String model = "resnet20_fashionmnist";

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Pictures of Fashion-MNIST (default: all that there are, 10,000).")
    private int count = Integer.MAX_VALUE;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Jobs that are counted (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The table (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "spark.csv");

    private MeasureExecutors() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(MeasureExecutors::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the table as CSV, null after {@code --help}
     * @throws Exception if an option is wrong or a job fails
     */
    public static String runExample(String... args) throws Exception {
        return Cli.call(new MeasureExecutors(), args);
    }

    @Override
    public String call() throws Exception {
        Path root = Files.createTempDirectory("spark-pictures");
        try {
            int pictures = write(root, count);
            StringBuilder csv = new StringBuilder("executors,round,pictures,seconds,per_second\n");
            for (int executors = 1; executors <= 2; executors++) {
                try (LocalCluster cluster = new LocalCluster(executors);
                        SparkSession spark = cluster.session()) {
                    for (int round = 0; round <= rounds; round++) {
                        long begin = System.nanoTime();
                        long rows =
                                ScoreFolder.score(spark, ModelSource.of(model), root.toString())
                                        .toJavaRDD()
                                        .count();
                        double seconds = (System.nanoTime() - begin) / NANOS;
                        if (rows != pictures) {
                            throw new IOException(rows + " rows for " + pictures + " pictures");
                        }
                        if (round > 0) {
                            csv.append(
                                    String.format(
                                            Locale.ROOT,
                                            "%d,%d,%d,%.2f,%.1f%n",
                                            executors,
                                            round,
                                            pictures,
                                            seconds,
                                            pictures / seconds));
                        }
                    }
                }
            }
            System.out.print(csv);
            if (out.getParent() != null) {
                Files.createDirectories(out.getParent());
            }
            Files.writeString(out, csv);
            return csv.toString();
        } finally {
            Trees.delete(root);
        }
    }

    /**
     * Writes pictures of Fashion-MNIST as PNG files, those to test with first.
     *
     * @param folder the folder
     * @param count how many at most
     * @return how many
     * @throws IOException if one cannot be written
     */
    static int write(Path folder, int count) throws IOException {
        FashionMnist data = FashionMnist.subset();
        List<LabelledImages> parts = new ArrayList<>(List.of(data.test(), data.train()));
        int written = 0;
        for (LabelledImages part : parts) {
            for (int n = 0; n < part.count() && written < count; n++) {
                Path file = folder.resolve(String.format(Locale.ROOT, "%05d.png", written));
                try (OutputStream os = Files.newOutputStream(file)) {
                    part.image(n).save(os, "png");
                }
                written++;
            }
        }
        return written;
    }
}
