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

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tests how the programs answer to wrong options, and to {@code --help}. */
public class CliTest {

    /**
     * Command lines with something wrong.
     *
     * @return program, command line, what the error says
     */
    @DataProvider
    public Object[][] wrong() {
        Cli.Example<?> train = TrainFashionMnist::runExample;
        Cli.Example<?> subset = MakeFashionMnistSubset::runExample;
        return new Object[][] {
            {train, "--colour blue", "Unknown options: '--colour', 'blue'"},
            {train, "--rank ten", "'ten' is not an int"},
            {train, "--rank 0", "got 0"},
            {train, "--rank 100000", "got 100000"},
            {train, "--epochs 0", "--epochs: expected a positive number, got 0"},
            {train, "--batch-size -3", "--batch-size: expected a positive number, got -3"},
            {train, "--images 0", "--images: expected a positive number, got 0"},
            {train, "--learning-rate NaN", "--learning-rate: expected a positive number"},
            {train, "--seed", "--seed"},
            {train, "--model tr_resnet21", "tr_resnet20"},
            {train, "--data-dir nowhere", "--data-dir: No file train-images-idx3-ubyte.gz in"},
            {train, "--out pom.xml/folder", "--out: cannot make the folder pom.xml"},
            {subset, "--out somewhere", "--data-dir"},
            {subset, "--data-dir nowhere --out target/none", "nowhere"},
        };
    }

    @Test(dataProvider = "wrong")
    public void testWrongOptions(Cli.Example<?> example, String line, String message) {
        Console.Result<Integer> result =
                Console.capture(() -> Cli.exitCode(example, line.split(" ")));
        Assert.assertEquals(result.value(), 2);
        Assert.assertEquals(result.out(), "");
        Assert.assertEquals(result.err().lines().count(), 1, result.err());
        Assert.assertTrue(result.err().startsWith("error: "), result.err());
        Assert.assertTrue(result.err().contains(message), result.err());
    }

    @Test
    public void testHelp() {
        Console.Result<Integer> result =
                Console.capture(() -> Cli.exitCode(TrainFashionMnist::runExample, "--help"));
        Assert.assertEquals(result.value(), 0);
        Assert.assertEquals(result.err(), "");
        for (String option :
                new String[] {"--model", "--rank", "--epochs", "--data-dir", "--seed"}) {
            Assert.assertTrue(result.out().contains(option + "="), result.out());
        }
    }

    @Test
    public void testFailureOfTheProgramIsNotTheUsersFault() {
        Console.Result<Integer> result =
                Console.capture(
                        () ->
                                Cli.exitCode(
                                        args -> {
                                            throw new IOException("disk full");
                                        }));
        Assert.assertEquals(result.value(), 1);
        Assert.assertTrue(result.err().contains("disk full"), result.err());
    }

    @Test
    public void testMainEndsTheProcessWithTheExitCode() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process =
                new ProcessBuilder(
                                java.toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                TrainFashionMnist.class.getName(),
                                "--epochs",
                                "many")
                        .redirectOutput(new File("target", "main.out"))
                        .start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        Assert.assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        Assert.assertEquals(process.exitValue(), 2, err);
        Assert.assertTrue(err.contains("'many' is not an int"), err);
    }
}
