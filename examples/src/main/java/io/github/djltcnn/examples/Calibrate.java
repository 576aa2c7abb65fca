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

import ai.djl.Device;
import ai.djl.training.util.ProgressBar;
import io.github.djltcnn.contraction.CostModel;
import io.github.djltcnn.runtime.NativeMemory;
import io.github.djltcnn.tuning.CostCalibration;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures this machine for the planner and writes the coefficients to a file, which a layer's
 * {@code optPlannerOptions(PlannerOptions.standard().withCostModel(CostModel.load(file)))} reads.
 * The number of threads is that of the process, as {@code -Dai.djl.pytorch.num_threads=1} sets it.
 *
 * @since 0.1.0
 */
@Command(
        name = "Calibrate",
        mixinStandardHelpOptions = true,
        description = "Measures how long the steps of tensorial layers take on this machine.")
public final class Calibrate implements Callable<CostModel> {

    private static final int PARTS = 100;

    @Spec private CommandSpec spec;

    @Option(
            names = "--output",
            description = "the file to write (default: ${DEFAULT-VALUE})",
            defaultValue = "target/costs.properties")
    private Path output;

    @Option(
            names = "--seconds",
            description = "how long to measure (default: ${DEFAULT-VALUE})",
            defaultValue = "130")
    private double seconds;

    @Option(
            names = "--seed",
            description = "of the layers drawn (default: ${DEFAULT-VALUE})",
            defaultValue = "1")
    private long seed;

    @Option(names = "--gpu", description = "measure the first GPU instead of the CPU")
    private boolean gpu;

    private Calibrate() {}

    /**
     * Runs the program.
     *
     * @param args its options
     */
    public static void main(String[] args) {
        Cli.main(Calibrate::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args its options
     * @return the model; null if help was asked for
     * @throws Exception if it fails
     */
    public static CostModel runExample(String... args) throws Exception {
        return Cli.call(new Calibrate(), args);
    }

    @Override
    public CostModel call() throws Exception {
        if (!(seconds > 0)) {
            throw new ParameterException(
                    spec.commandLine(), "--seconds is a time above 0, got " + seconds);
        }
        NativeMemory.keepBuffers();
        ProgressBar bar = new ProgressBar("Timing steps", PARTS);
        CostModel model =
                CostCalibration.builder()
                        .optDevice(gpu ? Device.gpu() : Device.cpu())
                        .optSeconds(seconds)
                        .optSeed(seed)
                        .optProgress(done -> bar.update((long) (PARTS * done)))
                        .build()
                        .measure();
        model.save(output);
        System.out.println("written: " + output);
        return model;
    }
}
