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
package io.github.djltcnn.calibration;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.github.djltcnn.common.internal.TextTable;
import io.github.djltcnn.contraction.KernelContraction;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What each tensorial layer of a model does to signals and gradients, measured on a batch: the
 * second moment and the kurtosis of its output and of the gradient there, and how many directions
 * its kernel really has.
 *
 * <p>The gradient is that of the sum of all outputs of the model, each times a standard normal
 * number: an error without preference, so no labels are needed. The pass is one of inference, so
 * dropout is off and BatchNorm keeps its statistics. Neither parameters nor gradients of parameters
 * change.
 *
 * @since 0.1.0
 */
public final class VarianceProbe {

    /**
     * One layer.
     *
     * @param name the layer's name, behind its number in the order of the pass
     * @param feature {@code E[y^2]} of its output
     * @param featureKurtosis {@code E[y^4] / E[y^2]^2}; 3 for normal numbers
     * @param gradient {@code E[(dL/dy)^2]} at its output
     * @param gradientKurtosis the kurtosis of that gradient
     * @param effectiveRank the participation ratio {@code (sum s^2)^2 / sum s^4} of the singular
     *     values of the kernel, unfolded as output channels times the rest; at most the number of
     *     output channels
     * @since 0.1.0
     */
    public record Layer(
            String name,
            double feature,
            double featureKurtosis,
            double gradient,
            double gradientKurtosis,
            double effectiveRank) {}

    private final List<Layer> layers;

    private VarianceProbe(List<Layer> layers) {
        this.layers = List.copyOf(layers);
    }

    /**
     * Measures a block.
     *
     * @param block an initialized block with at least one tensorial layer; needs no model
     * @param batch its input; nothing is left at its manager
     * @return the measurement
     * @throws IllegalArgumentException if the block is not initialized or has no tensorial layer
     */
    public static VarianceProbe of(Block block, NDList batch) {
        List<Layer> layers = new ArrayList<>();
        for (Passage.Meeting meeting : Passage.thereAndBack(block, batch)) {
            layers.add(
                    new Layer(
                            String.format(
                                    Locale.ROOT,
                                    "%02d %s",
                                    layers.size() + 1,
                                    meeting.layer().getName()),
                            meeting.output().second(),
                            meeting.output().kurtosis(),
                            meeting.outputGradient().second(),
                            meeting.outputGradient().kurtosis(),
                            effectiveRank(meeting.layer(), batch.head().getManager())));
        }
        return new VarianceProbe(layers);
    }

    private static double effectiveRank(TensorialBlock block, NDManager manager) {
        TensorNetwork network = block.getNetwork();
        try (NDManager scratch = manager.newSubManager()) {
            NDList cores = new NDList();
            for (NDArray core : block.getCores()) {
                NDArray copy = core.toType(DataType.FLOAT64, true);
                copy.attach(scratch);
                cores.add(copy);
            }
            NDArray kernel =
                    KernelContraction.contract(
                            network, block.getGeometry().numDimensions(), cores, scratch);
            NDArray rows = kernel.reshape(new Shape(network.outputChannels(), -1));
            NDArray gram = rows.matMul(rows.transpose());
            double trace = rows.square().sum().getDouble();
            return trace * trace / gram.square().sum().getDouble();
        }
    }

    /**
     * Returns the layers.
     *
     * @return one entry per tensorial layer, in the order of the pass
     */
    public List<Layer> layers() {
        return layers;
    }

    /**
     * Returns the measurement as comma-separated values (RFC 4180).
     *
     * @return a line of names and a line per layer
     */
    public String toCsv() {
        TextTable table =
                new TextTable(
                        "layer",
                        "feature",
                        "feature kurtosis",
                        "gradient",
                        "gradient kurtosis",
                        "effective rank");
        layers.forEach(layer -> table.add(cells(layer, "%.6e", "%.4f")));
        return table.toCsv();
    }

    /** Returns the measurement as a table. */
    @Override
    public String toString() {
        TextTable table =
                new TextTable(
                        "layer", ">E[y^2]", ">kurtosis", ">E[dy^2]", ">kurtosis", ">eff. rank");
        layers.forEach(layer -> table.add(cells(layer, "%.3e", "%.2f")));
        return table.toString();
    }

    private static String[] cells(Layer layer, String moment, String plain) {
        return new String[] {
            layer.name(),
            String.format(Locale.ROOT, moment, layer.feature()),
            String.format(Locale.ROOT, plain, layer.featureKurtosis()),
            String.format(Locale.ROOT, moment, layer.gradient()),
            String.format(Locale.ROOT, plain, layer.gradientKurtosis()),
            String.format(Locale.ROOT, plain, layer.effectiveRank())
        };
    }
}
