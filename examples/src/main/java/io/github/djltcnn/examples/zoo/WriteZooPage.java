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

import io.github.djltcnn.examples.Cli;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes the table of docs/zoo.md: what {@code TcnnZoo.describe} says.
 *
 * @since 0.2.0
 */
@Command(
        name = "WriteZooPage",
        description = "Writes the table of the zoo's trained models into a page.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class WriteZooPage implements Callable<String> {

    private static final String BEGIN = "<!-- zoo -->\n";
    private static final String END = "<!-- /zoo -->";

    @Option(
            names = "--page",
            paramLabel = "FILE",
            description = "The page (default: ${DEFAULT-VALUE}).")
    private Path page = Path.of("docs", "zoo.md");

    private WriteZooPage() {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(WriteZooPage::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the page as it is now, null after {@code --help}
     * @throws Exception if an option is wrong or the page cannot be read or written
     */
    public static String runExample(String... args) throws Exception {
        return Cli.call(new WriteZooPage(), args);
    }

    @Override
    public String call() throws Exception {
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(page + " has no place for the table: " + BEGIN + ".. " + END);
        }
        String written =
                text.substring(0, begin + BEGIN.length())
                        + TcnnZoo.describe().strip()
                        + "\n"
                        + text.substring(end);
        Files.writeString(page, written);
        return written;
    }
}
