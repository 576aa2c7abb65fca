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

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Runs {@link CompareStarts} with few images. */
public class CompareStartsTest {

    @Test
    public void everyStartIsTrainedOnceAndTestedWithEveryMomentum() throws Exception {
        Path file = Files.createTempDirectory("starts").resolve("starts.csv");
        String[] options = {
            "--model", "tk2_resnet20_r2", "--images", "20", "--batch-size", "10", "--epochs", "1",
            "--seeds", "3", "--gammas", "1,0", "--heads", "0.3", "--momenta", "0.5,0.9",
            "--out", file.toString()
        };
        Console.capture(() -> CompareStarts.runExample(options));
        List<String> lines = Files.readAllLines(file);
        Assert.assertEquals(lines.size(), 1 + 2 * 2, lines.toString());
        String[] first = lines.get(1).split(",", -1);
        String[] second = lines.get(2).split(",", -1);
        Assert.assertEquals(first[7], "0.5");
        Assert.assertEquals(second[7], "0.9");
        // One training: the same losses of training, other statistics to test with.
        Assert.assertEquals(second[9], first[9]);
        Assert.assertNotEquals(second[10], first[10]);

        Console.capture(() -> CompareStarts.runExample(options));
        Assert.assertEquals(Files.readAllLines(file), lines, "nothing is trained again");
    }
}
