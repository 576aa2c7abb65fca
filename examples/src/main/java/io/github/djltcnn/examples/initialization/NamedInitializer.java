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
package io.github.djltcnn.examples.initialization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.initializer.XavierInitializer.FactorType;
import ai.djl.training.initializer.XavierInitializer.RandomType;
import io.github.djltcnn.calibration.Calibration;
import io.github.djltcnn.initialization.ModelInitialization;
import io.github.djltcnn.initializer.Distribution;
import io.github.djltcnn.initializer.Mirroring;
import io.github.djltcnn.initializer.Scale;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.nn.TensorialBlock;
import java.awt.Color;

/** The initializers that are compared. */
enum NamedInitializer {
    /** The paper's rule: fan-in, normal, equal split. */
    PAPER("unified rule, normal", 0x1F77B4),
    /** The same with the kernel's exact norm. */
    NORMAL_EXACT("normal, exact norm", 0x7FB2E5),
    /** Cores of signs with the kernel's exact norm. */
    SIGN_EXACT("sign, exact norm", 0x17BECF),
    /** Orthogonal cores with the kernel's exact norm. */
    ORTHOGONAL("orthogonal", 0x2CA02C),
    /** Orthogonal cores, exact norm, mirrored outputs. */
    OUTPUTS("orthogonal, outputs mirrored", 0xD62728),
    /** Orthogonal cores, exact norm, mirrored inputs and outputs. */
    BOTH("orthogonal, both mirrored", 0x8E44AD),
    /** The same where a pass of noise finds pairs, calibrated on that noise: no data is used. */
    FOUND("pairs found, calibrated on noise", 0xE377C2),
    /** The paper's rule, calibrated on the batch afterwards. */
    CALIBRATED("unified rule, calibrated", 0x333333),
    /** Kaiming's rule on each core by its shape alone. */
    KAIMING("Kaiming per core", 0xFF7F0E),
    /** Xavier's rule on each core by its shape alone. */
    XAVIER("Xavier per core", 0x8C564B),
    /** The default of libtorch, uniform of variance 1 / (3 fan-in), on each core. */
    LIBTORCH("libtorch default per core", 0x999999),
    /** A normal law of one fixed deviation. */
    NORMAL("normal 0.02", 0xBCBD22),
    /**
     * TedNet's for CP: uniform between plus and minus 1 / sqrt(output channels) in every core. Its
     * rules for Tucker-2, tensor train and tensor ring are {@link #PAPER}.
     */
    TEDNET("TedNet's for CP", 0x111111);

    private final String title;
    private final Color colour;

    NamedInitializer(String title, int colour) {
        this.title = title;
        this.colour = new Color(colour);
    }

    String title() {
        return title;
    }

    /** Returns the colour of its line in every picture. */
    Color colour() {
        return colour;
    }

    /** Returns whether it looks at the shape of each core alone, or not even that. */
    boolean isPerCore() {
        return this == KAIMING
                || this == XAVIER
                || this == LIBTORCH
                || this == NORMAL
                || this == TEDNET;
    }

    /** Returns whether it is a rule of its own for a network of the zoo. */
    boolean isFor(String network) {
        return this != TEDNET || network.startsWith("cp_");
    }

    Initializer create(long seed) {
        TensorialInitializer rule =
                TensorialInitializer.fanIn()
                        .withDistribution(Distribution.NORMAL)
                        .withScale(Scale.EXPECTED)
                        .withMirroring(Mirroring.NONE)
                        .withSeed(seed);
        TensorialInitializer exact = rule.withScale(Scale.EXACT);
        TensorialInitializer orthogonal = exact.withDistribution(Distribution.ORTHOGONAL);
        return switch (this) {
            case PAPER, CALIBRATED -> rule;
            case NORMAL_EXACT -> exact;
            case SIGN_EXACT -> exact.withDistribution(Distribution.SIGN);
            case ORTHOGONAL -> orthogonal;
            case OUTPUTS, FOUND -> orthogonal.withMirroring(Mirroring.OUTPUTS);
            case BOTH -> orthogonal.withMirroring(Mirroring.BOTH);
            case KAIMING -> new XavierInitializer(RandomType.GAUSSIAN, FactorType.IN, 2);
            case XAVIER -> new XavierInitializer(RandomType.GAUSSIAN, FactorType.AVG, 1);
            case LIBTORCH -> new XavierInitializer(RandomType.UNIFORM, FactorType.IN, 1);
            // Drawn again when the output channels of each layer are known.
            case NORMAL, TEDNET -> new NormalInitializer(0.02f);
        };
    }

    /**
     * Does what this start does to a network after its layers are drawn.
     *
     * @param block the network, initialized
     * @param batch what it is going to see
     * @param seed the seed
     */
    void finish(Block block, NDList batch, long seed) {
        NDArray first = batch.head();
        switch (this) {
            case CALIBRATED ->
                    Calibration.run(
                            block,
                            batch,
                            Calibration.Direction.FORWARD,
                            2 * first.square().mean().getDouble());
            case FOUND -> {
                NDArray noise =
                        first.getManager()
                                .randomNormal(0, 1, first.getShape(), first.getDataType());
                NDList unseen = new NDList(noise);
                ModelInitialization.run(block, (TensorialInitializer) create(seed), unseen);
                Calibration.run(block, unseen, Calibration.Direction.FORWARD, 2);
            }
            case TEDNET -> drawByOutputs(block);
            default -> {
                // The draw is all there is to it.
            }
        }
    }

    private static void drawByOutputs(Block block) {
        if (block instanceof TensorialBlock layer) {
            long outputs = 1;
            for (Mode mode : layer.getNetwork().modes(Role.OUTPUT)) {
                outputs *= mode.size();
            }
            float most = (float) (1 / Math.sqrt((double) outputs));
            for (Parameter core : layer.getDirectParameters().values()) {
                if (core.getType() == Parameter.Type.WEIGHT) {
                    NDArray array = core.getArray();
                    try (NDArray drawn =
                            array.getManager()
                                    .randomUniform(
                                            -most, most, array.getShape(), array.getDataType())) {
                        boolean trained = array.hasGradient();
                        // A leaf that gradients are kept for must not be changed in place.
                        array.setRequiresGradient(false);
                        drawn.copyTo(array);
                        array.setRequiresGradient(trained);
                    }
                }
            }
        }
        block.getChildren().values().forEach(NamedInitializer::drawByOutputs);
    }
}
