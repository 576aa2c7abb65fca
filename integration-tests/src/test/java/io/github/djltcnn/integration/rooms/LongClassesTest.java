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
package io.github.djltcnn.integration.rooms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/** A class that is longer than one can look over says why, in its Javadoc. */
public class LongClassesTest {

    private static final int MAX_LINES = 400;
    private static final String REASON = " * <p>Longer than " + MAX_LINES + " lines: ";

    @Test
    public void longClassesSayWhy() throws IOException {
        List<String> silent = new ArrayList<>();
        int read = 0;
        for (String module : List.of("djl-tcnn", "djl-tcnn-zoo", "examples", "benchmarks")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    List<String> lines = Files.readAllLines(file);
                    String name = file.getFileName().toString();
                    read++;
                    if (lines.size() > MAX_LINES
                            && lines.stream().noneMatch(line -> line.startsWith(REASON))) {
                        silent.add(name + " has " + lines.size() + " lines");
                    }
                }
            }
        }
        Assert.assertTrue(read > 300, read + " files");
        Assert.assertEquals(
                silent,
                List.of(),
                "split them where a concept comes out, or say why not in a paragraph of the Javadoc"
                        + " that begins \"Longer than 400 lines: \":");
    }
}
