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

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.finetuning.Augmentation;
import io.github.djltcnn.finetuning.EpochResult;
import io.github.djltcnn.finetuning.FineTuner;
import io.github.djltcnn.finetuning.FineTuningProgress;
import io.github.djltcnn.finetuning.FineTuningResult;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TcnnZoo;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Kills a fine-tuning in another process at random moments, starts it again each time, and compares
 * what comes out with a run that nobody killed: every loss and every parameter, to the last digit.
 *
 * @since 0.1.0
 */
@Command(
        name = "KillAndResume",
        description = "Kills fine-tunings at random moments and compares what they come to.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class KillAndResume implements Callable<List<KillAndResume.Kill>> {

    private static final int SIZE = 12;
    private static final int PICTURES = 24;
    private static final String STEP = "step ";
    private static final String CHILD = "--child";
    private static final int MOST_MILLIS = 30;

    @Spec private CommandSpec spec;

    @Option(
            names = "--kills",
            paramLabel = "N",
            description = "How often a run is killed (default: ${DEFAULT-VALUE}).")
    private int kills = 20;

    @Option(
            names = "--per-run",
            paramLabel = "N",
            description = "After so many kills a new run begins (default: ${DEFAULT-VALUE}).")
    private int perRun = 1;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "Model of the zoo (default: ${DEFAULT-VALUE}).")
    private String modelName = "tr_resnet20_r4";

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the moments and the training (default: ${DEFAULT-VALUE}).")
    private int seed = 1;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Folder for pictures and checkpoints (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "kill-and-resume");

    @Option(names = CHILD, hidden = true, description = "Trains.")
    private Path child;

    private KillAndResume() {}

    /**
     * One kill.
     *
     * @param run the number of the run, from 1
     * @param line what the run had said last when it was killed; "-" if it had said nothing
     * @param millis how many milliseconds it had then
     * @param equal whether the run came to the numbers of the unbroken one in the end
     */
    public record Kill(int run, String line, int millis, boolean equal) {}

    /**
     * Runs the program.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        Cli.main(KillAndResume::runExample, args);
    }

    /**
     * Runs the program.
     *
     * @param args the options
     * @return the kills, null after {@code --help}
     * @throws Exception if an option is wrong, a file cannot be written or a process not started
     */
    public static List<Kill> runExample(String... args) throws Exception {
        return Cli.call(new KillAndResume(), args);
    }

    @Override
    public List<Kill> call() throws Exception {
        if (child != null) {
            train(child, true);
            return List.of();
        }
        Cli.requirePositive(spec, "--kills", kills);
        Cli.requirePositive(spec, "--per-run", perRun);
        drawPictures();
        String expected = train(null, false);
        Random random = new Random(seed);
        List<Kill> all = new ArrayList<>();
        System.out.println("run,killed_after,milliseconds,equal");
        for (int run = 1; all.size() < kills; run++) {
            Path folder = Files.createTempDirectory(out, "run");
            List<Kill> own = new ArrayList<>();
            while (own.size() < perRun && all.size() + own.size() < kills) {
                own.add(start(folder, run, random));
            }
            boolean equal = finish(folder).equals(expected);
            for (Kill kill : own) {
                all.add(new Kill(kill.run(), kill.line(), kill.millis(), equal));
                System.out.println(
                        kill.run() + "," + kill.line() + "," + kill.millis() + "," + equal);
            }
        }
        return all;
    }

    /** Starts a process and kills it after a random step and a random time. */
    private Kill start(Path folder, int run, Random random) throws IOException {
        Process process = process(folder);
        int after = random.nextInt(8);
        int millis = random.nextInt(MOST_MILLIS);
        String last = "-";
        try (BufferedReader reader = reader(process)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith(STEP)) {
                    last = line.substring(STEP.length());
                    if (after-- <= 0) {
                        break;
                    }
                }
            }
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly(); // kill -9
        }
        process.onExit().join();
        return new Kill(run, last, millis, false);
    }

    /** Lets the run end, and reads what it came to. */
    private String finish(Path folder) throws IOException {
        Process process = process(folder);
        try (BufferedReader reader = reader(process)) {
            reader.lines().forEach(line -> {});
        }
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException("The run in " + folder + " failed");
        }
        return Files.readString(folder.resolve("numbers"));
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private Process process(Path folder) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-Djava.awt.headless=true");
        command.add("-Dai.djl.default_engine=PyTorch");
        command.add("-Dai.djl.pytorch.num_threads=1");
        command.add("-Dai.djl.pytorch.num_interop_threads=1");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), getClass().getName()));
        command.addAll(List.of("--model", modelName, "--seed", seed + "", "--out", out + ""));
        command.addAll(List.of(CHILD, folder.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DJL_OFFLINE", "true");
        builder.environment().put("OPT_OUT_TRACKING", "true");
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private String train(Path folder, boolean talk) throws Exception {
        ResNetSpec network =
                ResNetSpec.parse(modelName).withImage(new Shape(3, SIZE, SIZE)).withSeed(seed);
        try (Model model = TcnnZoo.create(network)) {
            FineTuner.Builder builder =
                    FineTuner.builder()
                            .setModel(model)
                            .setImages(out.resolve("pictures"))
                            .optBatchSize(8)
                            .optEpochs(3)
                            .optAugmentation(new Augmentation(true, 1))
                            .optSeed(seed);
            if (folder != null) {
                builder.optCheckpoints(folder.resolve("checkpoints")).optCheckpointSteps(1);
            }
            if (talk) {
                builder.optProgress(KillAndResume::say);
            }
            try (FineTuningResult result = builder.build().run()) {
                String numbers = numbers(result);
                if (folder != null) {
                    Files.writeString(folder.resolve("numbers"), numbers);
                }
                return numbers;
            }
        }
    }

    private static void say(FineTuningProgress progress) {
        if (progress.phase() != FineTuningProgress.Phase.READING) {
            System.out.println(STEP + progress.epoch() + "." + progress.step());
        }
    }

    /** All losses, and the hash of all parameters. */
    private static String numbers(FineTuningResult result) throws Exception {
        StringBuilder text = new StringBuilder();
        for (EpochResult epoch : result.epochs()) {
            text.append(epoch.trainLoss()).append(' ').append(epoch.heldOutLoss()).append('\n');
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        result.model()
                .getBlock()
                .getParameters()
                .values()
                .forEach(parameter -> digest.update(parameter.getArray().toByteBuffer()));
        return text + HexFormat.of().formatHex(digest.digest()) + "\n";
    }

    /** Stripes this way and that. */
    private void drawPictures() throws IOException {
        Random random = new Random(seed);
        for (String name : List.of("across", "upright")) {
            Path folder = Files.createDirectories(out.resolve("pictures").resolve(name));
            for (int n = 0; n < PICTURES; n++) {
                BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
                Graphics2D g = image.createGraphics();
                g.setColor(new Color(random.nextInt(1 << 24)));
                int first = random.nextInt(3);
                for (int k = first; k < SIZE; k += 4) {
                    if (name.equals("upright")) {
                        g.fillRect(k, 0, 2, SIZE);
                    } else {
                        g.fillRect(0, k, SIZE, 2);
                    }
                }
                g.dispose();
                ImageIO.write(image, "png", folder.resolve(n + ".png").toFile());
            }
        }
    }
}
