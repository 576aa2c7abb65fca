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
package io.github.djltcnn.runtime.internal;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * A canary for each quirk: passes where libtorch still has it, and is skipped, with words, where it
 * has not. If that is so on all processors, what keeps away from the quirk can go. They run in
 * processes of their own, since some end them.
 */
public class LibtorchQuirksTest {

    private static final int RIGHT = 10;
    private static final int WRONG = 11;

    @DataProvider
    public Object[] quirks() {
        return new Object[] {"oneChannel", "deadWindow", "skippedPositions", "bfloat16"};
    }

    @Test(dataProvider = "quirks", timeOut = 120_000)
    public void isStillThere(String quirk) throws IOException, InterruptedException {
        int exit = fork(quirk, null);
        Assert.assertTrue(exit >= RIGHT, "the canary itself failed: " + exit);
        if (exit == RIGHT) {
            throw new SkipException(
                    quirk + " is computed rightly by libtorch " + version() + " here");
        }
    }

    /** Without the vectors that some processors compute wrongly with, the check finds nothing. */
    @Test(timeOut = 120_000)
    public void theCheckOfConvolutionsFindsNothingWithoutWideVectors()
            throws IOException, InterruptedException {
        Assert.assertEquals(fork("convolutions", "SSE41"), RIGHT);
    }

    /** On any machine, whatever it reports, layers convolve rightly. */
    @Test(timeOut = 120_000)
    public void guardedConvolutionsAreRight() throws IOException, InterruptedException {
        Assert.assertEquals(fork("guarded", ""), RIGHT);
    }

    private static int fork(String quirk, String instructions)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/java",
                                "-XX:-CreateCoredumpOnCrash",
                                "-XX:ErrorFile=/dev/null",
                                "-Dai.djl.pytorch.num_threads=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LibtorchQuirksTest.class.getName(),
                                quirk)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        if ("".equals(instructions)) {
            builder.environment().remove("ONEDNN_MAX_CPU_ISA");
        } else if (instructions != null) {
            builder.environment().put("ONEDNN_MAX_CPU_ISA", instructions);
        }
        Process process = builder.start();
        Assert.assertTrue(process.waitFor(90, TimeUnit.SECONDS));
        return process.exitValue();
    }

    private static String version() {
        return Engine.getEngine("PyTorch").getVersion();
    }

    /**
     * Runs in the other process, and ends it.
     *
     * @param args the name of the quirk
     */
    public static void main(String[] args) {
        int exit = WRONG;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            boolean right =
                    switch (args[0]) {
                        case "oneChannel" -> agrees(manager, 1, new Shape(1, 1), new Shape(1, 1));
                        case "deadWindow" -> agrees(manager, 4, new Shape(1, 1), new Shape(5, 5));
                        case "skippedPositions" ->
                                agrees(manager, 4, new Shape(3, 3), new Shape(0, 0));
                        case "convolutions" -> LibtorchQuirks.convolvesRightly("PyTorch");
                        case "guarded" -> {
                            CacheSizeGuard.apply();
                            yield LibtorchQuirks.convolvesRightly("PyTorch");
                        }
                        case "bfloat16" ->
                                manager.zeros(new Shape(2), DataType.BFLOAT16).size() == 2;
                        default -> throw new IllegalArgumentException(args[0]);
                    };
            exit = right ? RIGHT : WRONG;
        }
        Runtime.getRuntime().halt(exit);
    }

    /** Whether outputs and gradients with channels last are those in float64, channels first. */
    private static boolean agrees(NDManager manager, long channels, Shape stride, Shape padding) {
        long window = stride.get(0) > 1 ? 1 : 3;
        NDArray x = manager.randomNormal(new Shape(3, channels, 9, 8));
        NDArray w = manager.randomNormal(new Shape(6, channels, window, window));
        boolean right = true;
        for (int repeat = 0; repeat < 20; repeat++) {
            NDArray[] expected = run(x.toType(DataType.FLOAT64, true), w, stride, padding, false);
            NDArray[] actual = run(x, w, stride, padding, true);
            for (int n = 0; n < expected.length; n++) {
                NDArray error = actual[n].toType(DataType.FLOAT64, true).sub(expected[n]).abs();
                double scale = expected[n].abs().max().getDouble();
                right &= error.max().getDouble() <= 1e-3 * scale;
            }
        }
        return right;
    }

    private static NDArray[] run(
            NDArray x, NDArray w, Shape stride, Shape padding, boolean channelsLast) {
        NDArray input = channelsLast ? channelsLast(x) : x.duplicate();
        NDArray leaf = input.stopGradient();
        NDArray weight = w.toType(x.getDataType(), true).duplicate();
        leaf.setRequiresGradient(true);
        weight.setRequiresGradient(true);
        try (GradientCollector collector = x.getManager().getEngine().newGradientCollector()) {
            NDArray y =
                    Conv2d.conv2d(leaf, weight, null, stride, padding, new Shape(1, 1), 1)
                            .singletonOrThrow();
            collector.backward(y);
            return new NDArray[] {y.stopGradient(), leaf.getGradient(), weight.getGradient()};
        }
    }

    private static NDArray channelsLast(NDArray x) {
        NDArray last = x.transpose(0, 2, 3, 1);
        return last.reshape(new Shape(last.size())).reshape(last.getShape()).transpose(0, 3, 1, 2);
    }
}
