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
package io.github.djltcnn.initializer;

import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.testng.Assert;
import org.testng.Reporter;

/** What tests of a prediction over many graphs share: the graphs, the check, the file of scores. */
final class GraphScores {

    private GraphScores() {}

    /** The graphs of {@link GraphEnumeration} with up to two inner cores. */
    static List<TensorNetwork> graphs() {
        List<TensorNetwork> graphs = new ArrayList<>();
        for (int inner = 0; inner <= 2; inner++) {
            graphs.addAll(GraphEnumeration.graphs(inner));
        }
        return graphs;
    }

    /**
     * A sample of {@link #graphs()}, all of them shuffled, or all as they come.
     *
     * @param property the system property that says {@code all} where all are wanted
     * @param number how many otherwise
     * @param seed the seed of the sample
     */
    static List<TensorNetwork> graphs(String property, int number, long seed) {
        List<TensorNetwork> graphs = graphs();
        if ("all".equals(System.getProperty(property))) {
            return graphs;
        }
        Collections.shuffle(graphs, new Random(seed));
        return graphs.subList(0, number);
    }

    /** Writes lines to the compressed file that a system property names, if it names one. */
    static void write(String property, List<String> lines) throws IOException {
        String out = System.getProperty(property);
        if (out == null) {
            return;
        }
        Path file = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."), out);
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (Writer writer =
                new OutputStreamWriter(
                        new GZIPOutputStream(Files.newOutputStream(file)),
                        StandardCharsets.UTF_8)) {
            for (String line : lines) {
                writer.write(line + "\n");
            }
        }
    }

    /**
     * Scores of a right prediction have mean 0 and deviation 1; among 59,200 of a normal law the
     * farthest lies at about 4.3.
     *
     * @param what what was predicted
     * @param scores by how many standard errors each prediction was off
     */
    static void check(String what, List<Double> scores) {
        double mean = scores.stream().mapToDouble(z -> z).average().orElseThrow();
        double square = scores.stream().mapToDouble(z -> z * z).average().orElseThrow();
        double deviation = Math.sqrt(square - mean * mean);
        double farthest = scores.stream().mapToDouble(Math::abs).max().orElseThrow();
        String text =
                String.format(
                        Locale.ROOT,
                        "%s, %d scores: mean %.3f, deviation %.3f, farthest %.2f",
                        what,
                        scores.size(),
                        mean,
                        deviation,
                        farthest);
        Reporter.log(text, true);
        Assert.assertTrue(Math.abs(mean) < 0.3, text);
        Assert.assertTrue(deviation > 0.7 && deviation < 1.5, text);
        Assert.assertTrue(farthest < 5, text);
    }
}
