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
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Scores all pictures under a folder with Apache Spark, and writes labels and probabilities to
 * Parquet: columns {@code path}, {@code label}, {@code probability}, {@code probabilities} and
 * {@code error}, one row per picture. A picture that cannot be read is a row with an error.
 *
 * <p>Each executor loads the model once. Pictures are scored in the same batches however many
 * executors there are, so that the numbers are the same too.
 *
 * @since 0.2.0
 */
@Command(
        name = "ScoreFolder",
        description = "Scores a folder of pictures with Apache Spark.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class ScoreFolder implements Callable<Long> {

    private static final int BATCH = 50;
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description =
                    "A model of the zoo, or the folder of a saved one (default: ${DEFAULT-VALUE}).")
    private String model = "resnet20_fashionmnist";

    @Option(
            names = "--images",
            paramLabel = "FOLDER",
            required = true,
            description = "Pictures, in this folder or in folders of it; any file system of Spark.")
    private String images;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            required = true,
            description = "Folder of the Parquet files; must not be there.")
    private String out;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Master of Spark where spark-submit does not set it, such as local[2].")
    private String master;

    private ScoreFolder() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(ScoreFolder::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the number of rows, null after {@code --help}
     * @throws Exception if an option is wrong or the job fails
     */
    public static Long runExample(String... args) throws Exception {
        return Cli.call(new ScoreFolder(), args);
    }

    @Override
    public Long call() throws Exception {
        SparkSession.Builder builder = SparkSession.builder().appName("ScoreFolder");
        if (master != null) {
            builder.master(master);
        }
        try (SparkSession spark = builder.getOrCreate()) {
            ScoreFolder.score(spark, ModelSource.of(model), images).write().parquet(out);
            Dataset<Row> written = spark.read().parquet(out);
            written.groupBy("label").count().orderBy("label").show();
            return written.count();
        }
    }

    /**
     * Scores the pictures under a folder.
     *
     * @param spark the session
     * @param model the model
     * @param folder the folder, of any file system that Spark reads
     * @return a row per picture, computed when it is asked for
     * @throws IOException if the folder cannot be read, or has no pictures
     */
    public static Dataset<Row> score(SparkSession spark, ModelSource model, String folder)
            throws IOException {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        return score(spark, new Scoring(context, model), folder);
    }

    static Dataset<Row> score(SparkSession spark, Scoring scoring, String folder)
            throws IOException {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        List<List<String>> batches = batches(pictures(context, folder));
        // As many tasks as batches: what a lost executor had in hand is little.
        return spark.createDataFrame(
                context.parallelize(batches, batches.size()).mapPartitions(scoring), Score.SCHEMA);
    }

    /** The same pictures in the same batches, whatever scores them. */
    static List<List<String>> batches(List<String> pictures) {
        List<List<String>> batches = new ArrayList<>();
        for (int n = 0; n < pictures.size(); n += BATCH) {
            batches.add(new ArrayList<>(pictures.subList(n, Math.min(n + BATCH, pictures.size()))));
        }
        return batches;
    }

    /** The pictures under a folder, by their names' endings, in order. */
    static List<String> pictures(JavaSparkContext context, String folder) throws IOException {
        Path path = new Path(folder);
        FileSystem files = path.getFileSystem(context.hadoopConfiguration());
        List<String> found = new ArrayList<>();
        add(files, path, found);
        if (found.isEmpty()) {
            throw new IOException(
                    "There is no picture under " + folder + "; names end with one of " + ENDINGS);
        }
        Collections.sort(found);
        return found;
    }

    /** Not {@code listFiles}: of a local disk that asks a process per file for its permissions. */
    private static void add(FileSystem files, Path folder, List<String> found) throws IOException {
        for (FileStatus file : files.listStatus(folder)) {
            String name = file.getPath().getName();
            if (name.startsWith(".")) {
                continue;
            }
            if (file.isDirectory()) {
                add(files, file.getPath(), found);
            } else if (ENDINGS.contains(
                    name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))) {
                found.add(file.getPath().toString());
            }
        }
    }
}
