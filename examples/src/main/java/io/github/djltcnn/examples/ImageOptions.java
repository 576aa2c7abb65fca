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

import io.github.djltcnn.examples.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say which images a program works on, the same for all programs. */
final class ImageOptions {

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description =
                    "Folder with the four idx .gz files of Fashion-MNIST (default: the subset that"
                            + " ships with this program).")
    private Path dataDir;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "Use the first N training and N test images (default: all).")
    private int images = Integer.MAX_VALUE;

    /**
     * Reads the images.
     *
     * @param spec the program's options
     * @return the images
     * @throws ParameterException if there are none, or an option is wrong
     */
    FashionMnist load(CommandSpec spec) {
        Cli.requirePositive(spec, "--images", images);
        FashionMnist data;
        try {
            data = dataDir == null ? FashionMnist.subset() : FashionMnist.load(dataDir);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--data-dir: " + e.getMessage(), e);
        }
        return new FashionMnist(data.train().head(images), data.test().head(images));
    }
}
