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

import ai.djl.modality.Classifications;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.Test;

/** docs/tutorial.md, command by command. */
public class TutorialTest {

    private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    /** The pictures are three of the ten classes that the model knows; it soon does again. */
    @Test
    public void thePathLeadsToAService() throws Exception {
        Path folder = Files.createTempDirectory("tutorial");
        Path pictures = folder.resolve("pictures");
        WritePictures.runExample(pictures, List.of("Bag", "Sandal", "Shirt"), 12);
        Tutorial.Outcome outcome = Tutorial.runExample(pictures, folder.resolve("out"));
        Assert.assertTrue(outcome.tuned() >= .8, outcome.toString());
        Assert.assertTrue(outcome.small() >= .6, outcome.toString());
        Classifications served = outcome.served();
        Assert.assertEquals(served.getClassNames().size(), 3);
        Assert.assertEquals(served.best().getClassName(), "Bag");
        for (String name : List.of("curves.png", "curves.csv", "confusion.png", "result.json")) {
            Assert.assertTrue(Files.size(folder.resolve("out/report").resolve(name)) > 0, name);
        }
    }

    @Test
    public void itIsShort() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "tutorial.md"));
        long lines =
                BLOCK.matcher(page)
                        .results()
                        .flatMap(block -> block.group(1).lines())
                        .filter(line -> !line.isBlank())
                        .count();
        Assert.assertTrue(lines > 20 && lines < 40, lines + " lines of Java");
    }
}
