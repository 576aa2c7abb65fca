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

import io.github.djltcnn.examples.data.FashionMnistSubset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Makes the subset of Fashion-MNIST that ships with this module from the four files of the whole.
 *
 * @since 0.1.0
 */
@Command(
        name = "MakeFashionMnistSubset",
        description = "Draws a class-balanced subset of Fashion-MNIST.",
        mixinStandardHelpOptions = true)
public final class MakeFashionMnistSubset implements Callable<Path> {

    @Spec private CommandSpec spec;

    @Option(
            names = "--data-dir",
            required = true,
            description = "Folder with the four idx .gz files of Fashion-MNIST.")
    private Path dataDir;

    @Option(names = "--out", required = true, description = "Folder to write the subset to.")
    private Path out;

    @Option(
            names = "--train-per-class",
            description = "Training images of each class (default: ${DEFAULT-VALUE}).")
    private int trainPerClass = 800;

    @Option(
            names = "--test-per-class",
            description = "Test images of each class (default: ${DEFAULT-VALUE}).")
    private int testPerClass = 200;

    @Option(names = "--seed", description = "Seed of the draw (default: ${DEFAULT-VALUE}).")
    private long seed = 2022;

    private MakeFashionMnistSubset() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(MakeFashionMnistSubset::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the folder of the subset, null after {@code --help}
     * @throws Exception if an option is wrong or a file cannot be read or written
     */
    public static Path runExample(String... args) throws Exception {
        return Cli.call(new MakeFashionMnistSubset(), args);
    }

    @Override
    public Path call() {
        try {
            FashionMnistSubset.write(dataDir, out, trainPerClass, testPerClass, seed);
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        return out;
    }
}
