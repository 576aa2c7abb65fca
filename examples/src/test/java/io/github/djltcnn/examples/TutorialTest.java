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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.Test;

/** docs/tutorial.md, command by command. */
public class TutorialTest {

    private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    private static final Pattern COMMAND =
            Pattern.compile(
                    "exec\\.mainClass=io\\.github\\.djltcnn\\.examples\\.(\\w+)[\\s\\\\]+"
                            + "-Dexec\\.args=\"([^\"]*)\"");
    private static final Pattern CURL =
            Pattern.compile("curl --data-binary @(\\S+) http://127\\.0\\.0\\.1:(\\d+)/");

    /** Fewer pictures than a newcomer writes: three of the ten classes that the model knows. */
    private static final String EACH = "12";

    /** Every command of the page in its order, in another folder. */
    @Test
    public void everyCommandOfThePageRuns() throws Exception {
        Path folder = Files.createTempDirectory("tutorial");
        String page = Files.readString(Path.of("..", "docs", "tutorial.md"));
        Matcher commands = COMMAND.matcher(page);
        List<String> run = new ArrayList<>();
        while (commands.find()) {
            String[] args = commands.group(2).replace("target/", folder + "/").split(" ", -1);
            run.add(commands.group(1));
            switch (commands.group(1)) {
                case "WritePictures" -> {
                    Assert.assertEquals(args[1], "20");
                    WritePictures.main(new String[] {args[0], EACH});
                }
                case "Tutorial" -> {
                    Assert.assertEquals(args.length, 2);
                    check(
                            Tutorial.runExample(Path.of(args[0]), Path.of(args[1])),
                            Path.of(args[1]));
                }
                case "Serve" -> {
                    Matcher curl = CURL.matcher(page);
                    Assert.assertTrue(curl.find());
                    Assert.assertEquals(args[1], curl.group(2));
                    serve(
                            Path.of(args[0]),
                            Path.of(curl.group(1).replace("target/", folder + "/")));
                }
                default -> Assert.fail("another command: " + commands.group());
            }
        }
        Assert.assertEquals(run, List.of("WritePictures", "Tutorial", "Serve"));
        Assert.assertEquals(page.split("exec:java", -1).length - 1, run.size());
    }

    private static void check(Tutorial.Outcome outcome, Path out) throws Exception {
        Assert.assertTrue(outcome.tuned() >= .8, outcome.toString());
        Assert.assertTrue(outcome.small() >= .6, outcome.toString());
        Classifications served = outcome.served();
        Assert.assertEquals(served.getClassNames().size(), 3);
        Assert.assertEquals(served.best().getClassName(), "Bag");
        for (String name : List.of("curves.png", "curves.csv", "confusion.png", "result.json")) {
            Assert.assertTrue(Files.size(out.resolve("report").resolve(name)) > 0, name);
        }
    }

    private static void serve(Path model, Path picture) throws Exception {
        try (Serve service = Serve.runExample(model, 0)) {
            Assert.assertTrue(
                    answer(service, 200, Files.readAllBytes(picture)).contains("\"Bag\""));
            Assert.assertTrue(answer(service, 400, new byte[] {1, 2, 3}).contains("no picture"));
        }
    }

    private static String answer(Serve service, int status, byte[] body) throws Exception {
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:" + service.port() + "/"))
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        Assert.assertEquals(response.statusCode(), status, response.body());
        return response.body();
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
