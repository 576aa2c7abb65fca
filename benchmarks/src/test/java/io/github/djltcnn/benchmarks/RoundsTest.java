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
package io.github.djltcnn.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** The frame of the benchmarks: turns, medians, and the file of results. */
public class RoundsTest {

    private int fastRuns;
    private int slowRuns;
    private int partRuns;
    private long nanos;

    @Test
    public void theHopelessAreGivenUpAndOthersRunToTheEnd() {
        Rounds rounds = new Rounds(1, 1, 7, 1e9, 2);
        Map<String, Double> medians =
                rounds.medians(
                        List.of(
                                new Rounds.Turn("fast", true, () -> 10 + ++fastRuns),
                                new Rounds.Turn("slow", true, () -> 100 + ++slowRuns),
                                new Rounds.Turn("part", false, () -> 0.1 * ++partRuns)));
        // The warm-up round is not counted: the runs 2 to 8 are.
        Assert.assertEquals(medians.get("fast"), 15.0);
        Assert.assertEquals(medians.get("slow"), 103.0);
        Assert.assertEquals(medians.get("part"), 0.5, 1e-9);
        Assert.assertEquals(fastRuns, 8);
        Assert.assertEquals(slowRuns, 4);
        Assert.assertEquals(partRuns, 8);
    }

    /** Two disturbed runs say nothing of the others. */
    @Test
    public void theDisturbedAreNotHopeless() {
        Map<String, Double> medians =
                new Rounds(0, 1, 9, 1e9, 2)
                        .medians(
                                List.of(
                                        new Rounds.Turn("fast", true, () -> 10),
                                        new Rounds.Turn(
                                                "near", true, () -> ++slowRuns <= 2 ? 50 : 11)));
        Assert.assertEquals(slowRuns, 9);
        Assert.assertEquals(medians.get("near"), 11.0);
    }

    @Test
    public void theHopelessTakeNoTimeFromOthers() {
        Rounds rounds = new Rounds(0, 1, 7, 20, 2);
        rounds.medians(
                List.of(
                        new Rounds.Turn("fast", true, () -> 1 + 0.01 * ++fastRuns),
                        new Rounds.Turn("slow", true, () -> spend(25, 4))),
                () -> nanos);
        Assert.assertEquals(fastRuns, 7);
        fastRuns = 0;
        rounds.medians(
                List.of(
                        new Rounds.Turn("fast", true, () -> 1 + 0.01 * ++fastRuns),
                        new Rounds.Turn("near", true, () -> spend(25, 1.5))),
                () -> nanos);
        Assert.assertEquals(fastRuns, 1);
    }

    private double spend(long millis, double told) {
        nanos += millis * 1_000_000;
        return told;
    }

    @BeforeMethod
    public void countFromZero() {
        fastRuns = 0;
        slowRuns = 0;
        partRuns = 0;
    }

    @Test
    public void whatTheFileHoldsIsNotWantedAgain() throws IOException {
        Path file = Files.createTempDirectory(Path.of("target"), "results").resolve("rows.csv");
        Results first = new Results(file.toString());
        Assert.assertTrue(first.isWanted("1,a,b"));
        first.add("1,a,b", Map.of("x, y", 1.25));
        Results second = new Results(file.toString(), "^1,a");
        Assert.assertFalse(second.isWanted("1,a,b"));
        Assert.assertTrue(second.isWanted("1,a,c"));
        Assert.assertFalse(second.isWanted("2,a,c"));
        second.add("1,a,c", Map.of("z", 2.0));
        Assert.assertEquals(
                Results.read(List.of(file)),
                Map.of("1,a,b", Map.of("x; y", 1.25), "1,a,c", Map.of("z", 2.0)));
    }
}
