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
package io.github.djltcnn.compression;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.batchnorm.BatchNorms;
import io.github.djltcnn.blocks.internal.ModelCopy;
import io.github.djltcnn.compression.internal.Answers;
import io.github.djltcnn.compression.internal.Images;
import io.github.djltcnn.compression.internal.Sample;
import io.github.djltcnn.conversion.Conversion;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.statistics.ModelStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One compression: a copy of the model is converted, recalibrated, distilled and measured. */
final class Run {

    /** The images on which answers are compared if there are no others. */
    private static final int COMPARED = 1000;

    private final Settings settings;
    private final CompressionPlan plan;
    private final ModelStatistics statistics;
    private final Pace pace;
    private final List<CompressionReport.Stage> stages = new ArrayList<>();
    private final List<String> warnings;

    /** What is compared, null without images. */
    private Sample sample;

    private Answers dense;

    Run(Settings settings, CompressionPlan plan, ModelStatistics statistics, Pace pace) {
        this.settings = settings;
        this.plan = plan;
        this.statistics = statistics;
        this.pace = pace;
        warnings = new ArrayList<>(plan.warnings());
    }

    CompressionResult run() throws IOException, TranslateException {
        pace.expect(plan.stageSeconds());
        pace.begin(CompressionStage.CHECK);
        Block teacher = settings.model().getBlock();
        Model copy = ModelCopy.of(settings.model());
        try (NDManager manager = settings.model().getNDManager().newSubManager()) {
            Dataset dataset = settings.dataset();
            if (dataset != null) {
                sample = sample(dataset, manager);
                dense = answers(teacher);
            }
            stage("dense", dense);
            pace.begin(CompressionStage.DECOMPOSE);
            Conversion conversion =
                    tensorizer(dataset)
                            .optEvenIfLarger(true)
                            .optNetworks(plan.networks())
                            .optProgress(new StageProgress(pace))
                            .build()
                            .convert(copy.getBlock(), settings.input(settings.batch()));
            copy.setBlock(conversion.block());
            Answers decomposed = answers(copy.getBlock());
            stage("decomposed", decomposed);
            if (dataset != null) {
                pace.begin(CompressionStage.RECALIBRATE);
                Answers recalibrated = recalibrated(copy, dataset, decomposed);
                stage("recalibrated", recalibrated);
                if (settings.epochs() > 0) {
                    pace.begin(CompressionStage.DISTIL);
                    stage("distilled", distilled(copy, dataset, recalibrated));
                }
            }
            pace.begin(CompressionStage.MEASURE);
            List<CompressionReport.Latency> latency = latency(teacher, copy.getBlock(), manager);
            pace.end();
            return new CompressionResult(copy, report(conversion.report(), latency));
        } catch (IOException | TranslateException | RuntimeException | Error e) {
            copy.close();
            throw e;
        }
    }

    /** What converts, each layer by what the images make of it if that was measured. */
    private Tensorizer.Builder tensorizer(Dataset dataset) {
        Tensorizer.Builder builder = settings.tensorizer();
        if (statistics != null) {
            int most = settings.fitImages();
            builder.optImages(images(dataset, most), most).optStatistics(statistics);
        }
        return builder;
    }

    private Sample sample(Dataset dataset, NDManager manager)
            throws IOException, TranslateException {
        boolean own = settings.test() == null;
        Sample kept =
                Sample.of(
                        images(own ? dataset : settings.test(), own ? COMPARED : Integer.MAX_VALUE),
                        manager);
        if (kept.count() == 0) {
            throw new IllegalArgumentException("The images to compare answers on are none");
        }
        if (own) {
            warnings.add(
                    "Answers are compared on images that the compression has seen: "
                            + kept.count()
                            + " of them. optTestImages takes others");
        }
        return kept;
    }

    private Images images(Dataset dataset, int most) {
        return new Images(dataset, settings.input(), settings.type(), most, pace::check);
    }

    /** Notes what the model is worth now. */
    private void stage(String name, Answers answers) {
        stages.add(
                new CompressionReport.Stage(
                        name,
                        answers == null ? Double.NaN : answers.accuracy(),
                        answers == null ? Double.NaN : answers.agreement(dense),
                        pace.elapsed()));
    }

    /** What a model answers, null without images. */
    private Answers answers(Block block) {
        return sample == null ? null : Answers.of(block, sample, pace::check);
    }

    /** Measures batch normalisation anew, and keeps what agrees better with the dense model. */
    private Answers recalibrated(Model copy, Dataset dataset, Answers before)
            throws IOException, TranslateException {
        try (Snapshot kept =
                Snapshot.ofStatistics(copy.getBlock(), settings.model().getNDManager())) {
            if (kept.isEmpty()) {
                return before;
            }
            int most = settings.calibrationImages();
            if (BatchNorms.recalibrate(copy, images(dataset, most), most) == 0) {
                throw new IllegalArgumentException(
                        "The images gave none for batch normalisation to be measured on; give a"
                                + " dataset that can be read again");
            }
            Answers after = answers(copy.getBlock());
            if (after.agreement(dense) < before.agreement(dense)) {
                kept.restore();
                return before;
            }
            return after;
        }
    }

    /** Learns the answers of the dense model; a training that made them worse is undone. */
    private Answers distilled(Model copy, Dataset dataset, Answers before)
            throws IOException, TranslateException {
        Distillation.Builder builder =
                settings.distillation() != null ? settings.distillation() : Distillation.builder();
        try (Teacher teacher = Teacher.of(settings);
                Snapshot kept = Snapshot.ofAll(copy.getBlock(), settings.model().getNDManager())) {
            builder.setTeacher(teacher.block())
                    .optEpochs(settings.epochs())
                    .optProgress(pace::report)
                    .between(pace::check)
                    .build()
                    .train(copy, dataset);
            Answers after = recalibrated(copy, dataset, answers(copy.getBlock()));
            if (after.agreement(dense) < before.agreement(dense)) {
                kept.restore();
                warnings.add(
                        String.format(
                                Locale.ROOT,
                                "Learning the answers made %.4f of them agree instead of %.4f, and"
                                        + " was undone; give more images or a smaller rate by"
                                        + " optDistillation",
                                after.agreement(dense),
                                before.agreement(dense)));
                return before;
            }
            return after;
        }
    }

    /** The dense model, compiled where it can be. */
    private record Teacher(Block block, Compiled compiled) implements AutoCloseable {

        static Teacher of(Settings settings) {
            Block block = settings.model().getBlock();
            try {
                Compiled compiled =
                        Compiled.of(
                                block,
                                settings.input(),
                                ExportOptions.builder().optDataType(settings.type()).build());
                return new Teacher(compiled, compiled);
            } catch (IllegalArgumentException e) {
                return new Teacher(block, null);
            }
        }

        @Override
        public void close() {
            if (compiled != null) {
                compiled.close();
            }
        }
    }

    private List<CompressionReport.Latency> latency(Block before, Block after, NDManager manager) {
        List<CompressionReport.Latency> all = new ArrayList<>();
        for (PredictionMode mode : PredictionMode.values()) {
            try (Prediction one = predict(before, mode, manager);
                    Prediction other = predict(after, mode, manager)) {
                Latency.Time[] times =
                        Latency.of(List.of(one, other), 2 * settings.measureSeconds(), pace::check);
                all.add(
                        new CompressionReport.Latency(
                                mode,
                                settings.batch(),
                                times[0].median(),
                                times[1].median(),
                                times[1].ratio()));
            } catch (IllegalArgumentException e) {
                warnings.add(
                        "Times of "
                                + mode.name().toLowerCase(Locale.ROOT)
                                + " predictions are not known: "
                                + e.getMessage());
            }
            pace.report(0.5);
        }
        return all;
    }

    private Prediction predict(Block block, PredictionMode mode, NDManager manager) {
        return Prediction.of(
                manager, block, settings.input(settings.batch()), settings.type(), mode);
    }

    private CompressionReport report(
            ConversionReport layers, List<CompressionReport.Latency> latency) {
        Device device = settings.model().getNDManager().getDevice();
        return new CompressionReport(
                settings.model().getName(),
                settings.input().toString(),
                settings.request(),
                String.format(
                        Locale.ROOT,
                        "%s %s, %d processors, Java %s, %s, %s",
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"),
                        device,
                        settings.type()),
                layers,
                stages,
                latency,
                warnings);
    }
}
