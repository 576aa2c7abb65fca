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
package io.github.djltcnn.initialization;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.djltcnn.initializer.Mirroring;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.nn.LayerObserver;
import io.github.djltcnn.nn.LayerPass;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws the tensorial layers of a model anew, each when a pass of a batch reaches it, and mirrors
 * the inputs of those whose channels turn out to come in pairs.
 *
 * <p>{@link Mirroring#BOTH} is the start that loses least and trains best, but it is right only
 * where input channels c and c + C/2 are the positive and the negative part of one number, as they
 * are behind a mirrored layer and ReLU. A layer does not see what comes before it; a pass does,
 * through shortcuts, pooling and branches of any kind. What it looks at is the overlap
 *
 * <pre>overlap = E|x_c x_c'| / E[(x_c^2 + x_c'^2) / 2],   c' = c + C/2</pre>
 *
 * which is 0 for such pairs, 1/pi for two rectified normal numbers that know nothing of each other,
 * 2/pi for two normal ones and 1 for equal channels. Below 0.25 a layer gets {@link
 * Mirroring#BOTH}, otherwise {@link Mirroring#OUTPUTS}, which is right for every input.
 *
 * <p>The batch may be noise of the input's shape: no data is needed. {@link
 * io.github.djltcnn.calibration.Calibration#run} on the same batch afterwards removes what the
 * draws have left over. Only cores change; layers with a frozen core keep all of theirs, and a
 * layer that the pass meets again keeps what it got at the first meeting.
 *
 * <pre>{@code
 * NDList noise = new NDList(manager.randomNormal(new Shape(16, 1, 28, 28)));
 * ModelInitialization.run(model, TensorialInitializer.fanIn().withSeed(42), noise);
 * Calibration.run(model, noise);
 * }</pre>
 *
 * @since 0.1.0
 */
public final class ModelInitialization {

    /**
     * The overlap up to which channels count as pairs: less than that of independent rectified
     * numbers, 0.318, and more than that behind an addition of a shortcut, which blurs pairs.
     */
    static final double PAIR_OVERLAP = 0.25;

    private ModelInitialization() {}

    /**
     * Draws the layers of a model.
     *
     * @param model the model, its block initialized
     * @param initializer the rule; which channels it mirrors is decided here
     * @param batch a batch of inputs, or of noise; nothing is left at its manager
     * @return what was decided
     * @throws IllegalArgumentException if the block is not initialized or has no tensorial layer
     */
    public static ModelInitializationReport run(
            Model model, TensorialInitializer initializer, NDList batch) {
        return run(model.getBlock(), initializer, batch);
    }

    /**
     * Draws the layers of a block.
     *
     * @param block an initialized block
     * @param initializer the rule; which channels it mirrors is decided here
     * @param batch a batch of inputs, or of noise; nothing is left at its manager
     * @return what was decided
     * @throws IllegalArgumentException if the block is not initialized or has no tensorial layer
     */
    public static ModelInitializationReport run(
            Block block, TensorialInitializer initializer, NDList batch) {
        Drawing drawing = new Drawing(initializer);
        LayerPass.observe(block, batch, drawing, outputs -> {});
        return new ModelInitializationReport(List.copyOf(drawing.report.values()));
    }

    /** Returns how far channels c and c + C/2 of an input are from being pairs. */
    static double overlap(NDArray input, boolean channelsLast) {
        try (NDManager manager = input.getManager().newSubManager()) {
            NDArray values = input.toType(DataType.FLOAT64, true);
            values.attach(manager);
            double largest = values.abs().max().getDouble();
            Shape shape = input.getShape();
            long channels = shape.get(channelsLast ? shape.dimension() - 1 : 1);
            if (largest == 0 || !Double.isFinite(largest) || channels % 2 != 0) {
                return Double.NaN;
            }
            long before = channelsLast ? shape.size() / channels : shape.get(0);
            // (before, half, channels of a half and all behind them)
            NDArray halves = values.div(largest).reshape(before, 2, shape.size() / before / 2);
            NDArray product = halves.get(":, 0").mul(halves.get(":, 1"));
            return product.abs().mean().getDouble() / halves.square().mean().getDouble();
        }
    }

    /** Draws each layer as the pass reaches it. */
    private static final class Drawing implements LayerObserver {

        private final TensorialInitializer unpaired;
        private final TensorialInitializer paired;
        private final Map<TensorialBlock, ModelInitializationReport.Layer> report =
                new LinkedHashMap<>();

        Drawing(TensorialInitializer initializer) {
            unpaired = initializer.withMirroring(Mirroring.OUTPUTS);
            paired = initializer.withMirroring(Mirroring.BOTH);
        }

        @Override
        public NDArray onInput(TensorialBlock layer, NDArray input) {
            if (!report.containsKey(layer)) {
                report.put(layer, draw(layer, input));
            }
            return input;
        }

        private ModelInitializationReport.Layer draw(TensorialBlock layer, NDArray input) {
            // Both take their next stream of random numbers, so that no two layers share one.
            List<Initializer> plain = layer.bind(unpaired, input.getShape());
            List<Initializer> mirrored = layer.bind(paired, input.getShape());
            double overlap = overlap(input, layer.getGeometry().numDimensions() == 0);
            boolean pairs =
                    overlap <= PAIR_OVERLAP && Mirroring.fits(layer.getNetwork(), Role.INPUT);
            boolean drawn =
                    layer.getDirectParameters().values().stream()
                            .filter(parameter -> parameter.getType() == Parameter.Type.WEIGHT)
                            .allMatch(Parameter::requiresGradient);
            if (drawn) {
                layer.changeCores(cores -> fill(cores, pairs ? mirrored : plain, input));
            }
            return new ModelInitializationReport.Layer(
                    layer.getName(), overlap, drawn, drawn && pairs);
        }

        private static void fill(NDList cores, List<Initializer> initializers, NDArray input) {
            for (int n = 0; n < cores.size(); n++) {
                NDArray core = cores.get(n);
                try (NDArray drawn =
                        initializers
                                .get(n)
                                .initialize(
                                        input.getManager(), core.getShape(), core.getDataType())) {
                    drawn.copyTo(core);
                }
            }
        }
    }
}
