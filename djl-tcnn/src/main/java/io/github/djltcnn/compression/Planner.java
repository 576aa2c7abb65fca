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

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.ModelCopy;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.compression.internal.Images;
import io.github.djltcnn.compression.internal.Sample;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.LayerReport;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.statistics.ModelStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes the plan of a compression: checks, times, ranks, and what the run will take. */
final class Planner {

    /** The time of a layer is measured for this share of that of the whole model. */
    private static final double LAYER = 0.03;

    /** Whole models differ from sums of layers: so far above and below targets are tried. */
    private static final double HIGHEST = 0.97;

    private static final double LOWEST = 0.5;

    private static final double STEP_DOWN = 0.92;

    /** A time so near to the wanted one, in logarithms, is taken. */
    private static final double NEAR = 0.05;

    /** So many plans beside the nearest are timed at most. */
    private static final int CONFIRMATIONS = 3;

    private final Settings settings;
    private final Pace pace;
    private final List<String> warnings = new ArrayList<>();
    private ModelStatistics statistics;

    Planner(Settings settings, Pace pace) {
        this.settings = settings;
        this.pace = pace;
    }

    CompressionPlan plan() throws IOException, TranslateException {
        pace.expect(CompressionStage.TIME, 3);
        pace.expect(CompressionStage.PLAN, 3);
        pace.begin(CompressionStage.CHECK);
        Block block = settings.model().getBlock();
        if (block == null || !block.isInitialized()) {
            throw new IllegalArgumentException(
                    "Model "
                            + settings.model().getName()
                            + " has no parameters yet; initialize or load it");
        }
        ModelCopy.check(block, settings.input());
        checkType();
        int images = checkImages();
        try (NDManager manager = settings.model().getNDManager().newSubManager()) {
            return planned(block, images, manager);
        }
    }

    /** What errors of the layers weigh; null if it was not measured. */
    ModelStatistics statistics() {
        return statistics;
    }

    private void measureStatistics(Block block, NDManager manager)
            throws IOException, TranslateException {
        Dataset dataset = settings.dataset();
        if (dataset == null || !settings.byAnswers() || settings.type() == DataType.FLOAT16) {
            return;
        }
        Images images =
                new Images(
                        dataset,
                        settings.input(),
                        settings.type(),
                        settings.fitImages(),
                        pace::check);
        try (Sample sample = Sample.of(images, manager)) {
            List<NDList> batches =
                    sample.parts().stream().map(part -> new NDList(part.images())).toList();
            statistics = ModelStatistics.of(block, batches, 0, new StageProgress(pace));
        }
    }

    /** What converts, by what was measured. */
    private Tensorizer.Builder tensorizer() {
        Tensorizer.Builder builder = settings.tensorizer();
        return statistics == null ? builder : builder.optStatistics(statistics);
    }

    private void checkType() {
        DataType type = settings.type();
        if (!RealArrays.isSupported(type)) {
            throw new IllegalArgumentException(
                    "The model is of " + type + "; cores are float16, float32 or float64");
        }
        if (settings.epochs() > 0 && type != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "The model is of "
                            + type
                            + ", and answers are learnt in FLOAT32: leave optDistil out, or compress"
                            + " the model in FLOAT32");
        }
    }

    /** Looks at the first batch, and says how many images there are as far as that is known. */
    private int checkImages() throws IOException, TranslateException {
        Dataset dataset = settings.dataset();
        if (dataset == null) {
            warnings.add(
                    "There are no images: batch normalisation keeps the statistics of the dense"
                            + " model, and answers are not compared");
            return 0;
        }
        dataset.prepare(); // some do not know how many they are before
        first(dataset, "images");
        if (settings.test() != null) {
            first(settings.test(), "test images");
        }
        if (settings.folder() != null && !normalises()) {
            warnings.add(
                    "The model does not normalise its input itself: the folder's images are pixels"
                            + " from 0 to 1. If it was trained on normalised images, give a Dataset,"
                            + " or put the normalisation into it by"
                            + " TensorialModels.setNormalization");
        }
        return dataset instanceof RandomAccessDataset known
                ? (int) Math.min(Integer.MAX_VALUE, known.size())
                : RunEstimate.MANY;
    }

    private boolean normalises() {
        return !ModelInfo.of(settings.model()).mean().isEmpty();
    }

    private void first(Dataset dataset, String what) throws IOException, TranslateException {
        int count =
                new Images(dataset, settings.input(), settings.type(), 1, pace::check)
                        .forEach(settings.model().getNDManager(), (x, labels) -> {});
        if (count == 0) {
            throw new IllegalArgumentException("The " + what + " are none: the dataset is empty");
        }
    }

    private CompressionPlan planned(Block block, int images, NDManager manager)
            throws IOException, TranslateException {
        pace.begin(CompressionStage.TIME);
        try (Prediction dense = predict(manager, block, settings.mode(), settings.batch())) {
            Latency.Time whole =
                    Latency.of(List.of(dense), settings.measureSeconds(), pace::check)[0];
            MeasuredTimes times =
                    settings.target() == CompressionTarget.TIME
                            ? times(block, whole, manager)
                            : null;
            pace.begin(CompressionStage.PLAN);
            measureStatistics(block, manager);
            Chosen chosen = times == null ? chosen(dense, manager) : chosen(times, dense, manager);
            if (chosen.report.converted() == 0) {
                warnings.add("No layer is converted: all of them are better left dense");
            }
            List<CompressionReport.Latency> latency =
                    List.of(
                            new CompressionReport.Latency(
                                    settings.mode(),
                                    settings.batch(),
                                    chosen.dense.median(),
                                    chosen.time.median(),
                                    chosen.time.ratio()));
            return new CompressionPlan(
                    settings.target(),
                    settings.share(),
                    chosen.report,
                    latency,
                    new RunEstimate(settings, pace)
                            .stageSeconds(chosen.report, images, whole.median() / settings.batch()),
                    warnings);
        }
    }

    private Prediction predict(NDManager manager, Block block, PredictionMode mode, int batch) {
        return Prediction.of(manager, block, settings.input(batch), settings.type(), mode);
    }

    /** What was chosen, and the time of a model of such layers. */
    private record Chosen(ConversionReport report, Latency.Time dense, Latency.Time time) {}

    /** Ranks for a target that is counted. */
    private Chosen chosen(Prediction dense, NDManager manager) {
        ConversionReport report =
                tensorizer()
                        .build()
                        .plan(settings.model().getBlock(), settings.input(settings.batch()));
        Latency.Time[] times = timed(report, dense, manager);
        return new Chosen(report, times[0], times[1]);
    }

    /**
     * Ranks for a target of time. Times of layers add up to that of the model only about, so that
     * several targets around the wanted one are planned, and models of such layers are timed until
     * one is found that takes what was wanted.
     */
    private Chosen chosen(MeasuredTimes times, Prediction dense, NDManager manager) {
        List<ConversionReport> reports = plans(times);
        int nearest = 0;
        double least = Double.POSITIVE_INFINITY;
        int low = 0;
        int high = reports.size() - 1;
        while (low <= high) {
            int middle = (low + high) / 2;
            Chosen tried = tried(reports.get(middle), dense, manager);
            if (distance(tried) < least) {
                least = distance(tried);
                nearest = middle;
            }
            if (tried.time.ratio() > settings.share()) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        Chosen best = confirmed(reports, nearest, dense, manager);
        if (best.time.ratio() > 1.1 * settings.share()) {
            warnings.add(
                    String.format(
                            Locale.ROOT,
                            "The least that these formats come to is %.2f of the time; %.2f was"
                                    + " wanted. Larger batches, another format or fewer layers that"
                                    + " are kept may help",
                            best.time.ratio(),
                            settings.share()));
        }
        return best;
    }

    /**
     * Times what was chosen once more. The nearest of several times is so by luck in part, so that
     * it is no promise; if the new time is far from the wanted one, the plans beside it are timed.
     */
    private Chosen confirmed(
            List<ConversionReport> reports, int nearest, Prediction dense, NDManager manager) {
        int at = nearest;
        Chosen best = tried(reports.get(at), dense, manager);
        Chosen last = best;
        for (int more = 0; more < CONFIRMATIONS && distance(last) > NEAR; more++) {
            int next = last.time.ratio() > settings.share() ? at + 1 : at - 1;
            if (next < 0 || next >= reports.size()) {
                break;
            }
            at = next;
            last = tried(reports.get(at), dense, manager);
            best = distance(last) < distance(best) ? last : best;
        }
        return best;
    }

    private Chosen tried(ConversionReport report, Prediction dense, NDManager manager) {
        Latency.Time[] found = timed(report, dense, manager);
        pace.report(0.5);
        return new Chosen(report, found[0], found[1]);
    }

    private double distance(Chosen chosen) {
        return Math.abs(Math.log(chosen.time.ratio() / settings.share()));
    }

    /** Plans for falling targets, as far down as the formats go. */
    private List<ConversionReport> plans(MeasuredTimes times) {
        List<Rank> targets = new ArrayList<>();
        for (double share = HIGHEST; share > LOWEST * settings.share(); share *= STEP_DOWN) {
            targets.add(Rank.targetTime(share));
        }
        Block block = settings.model().getBlock();
        try {
            return tensorizer()
                    .optLayerTimes(times)
                    .build()
                    .plan(block, settings.input(settings.batch()), targets);
        } catch (IllegalArgumentException e) {
            warnings.add(
                    "All layers stay dense, no ranks make the model faster: " + e.getMessage());
            return List.of(
                    tensorizer()
                            .optNetworks(Map.of())
                            .build()
                            .plan(block, settings.input(settings.batch())));
        }
    }

    /** Times the dense model and one of the layers of a plan, in turn. */
    private Latency.Time[] timed(ConversionReport report, Prediction dense, NDManager manager) {
        try (Model mock = mock(report);
                Prediction prediction =
                        predict(manager, mock.getBlock(), settings.mode(), settings.batch())) {
            return Latency.of(
                    List.of(dense, prediction), 2 * settings.measureSeconds(), pace::check);
        }
    }

    /** A model of the layers of a plan, whose numbers nobody has trained. */
    private Model mock(ConversionReport report) {
        Model copy = ModelCopy.of(settings.model());
        try {
            copy.setBlock(
                    settings.tensorizer()
                            .optFresh(true)
                            .optEvenIfLarger(true)
                            .optNetworks(networks(report))
                            .build()
                            .convert(copy.getBlock(), settings.input())
                            .block());
            copy.getBlock()
                    .getParameters()
                    .values()
                    .forEach(parameter -> parameter.getArray().setRequiresGradient(false));
            return copy;
        } catch (RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    private static Map<String, TensorNetwork> networks(ConversionReport report) {
        Map<String, TensorNetwork> networks = new LinkedHashMap<>();
        for (LayerReport layer : report.layers()) {
            if (layer.isConverted()) {
                networks.put(layer.path(), TensorNetwork.parse(layer.network()));
            }
        }
        return networks;
    }

    /** Times of layers, and what the dense model takes beyond those of its layers. */
    private MeasuredTimes times(Block block, Latency.Time whole, NDManager manager) {
        MeasuredTimes times =
                new MeasuredTimes(
                        manager,
                        settings.mode(),
                        settings.type(),
                        LAYER * settings.measureSeconds(),
                        () -> pace.report(0.5));
        double layers = 0;
        for (BlockTree.Leaf leaf : BlockTree.leaves(block, settings.input(settings.batch()))) {
            KernelLayer layer = KernelLayer.of(leaf.block(), leaf.input());
            if (layer != null) {
                KernelSpec spec = layer.spec();
                TensorNetwork network = TensorFormats.dense().network(spec);
                layers += times.seconds(network, layer.geometry(), layer.input());
            }
        }
        times.setOtherSeconds(Math.max(0, whole.least() - layers));
        return times;
    }
}
