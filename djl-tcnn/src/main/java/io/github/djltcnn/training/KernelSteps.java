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
package io.github.djltcnn.training;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.initializer.CoreSpectrum;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The factors that the rates of cores are multiplied by, so that one step moves the kernel of a
 * tensorial layer as far as the same rate moves a dense kernel.
 *
 * <p>Core n alone, at rate 1, moves the kernel by a step of length {@code l_n}, at an angle of
 * cosine {@code a_n} to the gradient ({@link StepKind}). With the factors {@code f_n = c / l_n} all
 * cores make equally long steps. What these have in common is their part along the gradient, so
 * together they make {@code |dK|^2 = c^2 (N + sum over n != m of a_n a_m)}, which is 1 for the
 * right c.
 */
final class KernelSteps {

    /** A layer's network and its cores, in the order of the network. */
    private record Layer(TensorNetwork network, List<Parameter> cores) {}

    private final StepKind kind;
    private final List<Layer> layers = new ArrayList<>();

    KernelSteps(Block block, StepKind kind) {
        this.kind = kind;
        collect(block);
    }

    private void collect(Block block) {
        if (block instanceof TensorialBlock layer) {
            List<Parameter> cores =
                    layer.getDirectParameters().values().stream()
                            .filter(parameter -> parameter.getType() == Parameter.Type.WEIGHT)
                            .toList();
            layers.add(new Layer(layer.getNetwork(), cores));
        }
        block.getChildren().values().forEach(this::collect);
    }

    /** Returns the factors by the identifiers of parameters, from the cores as they are now. */
    Map<String, Float> factors() {
        Map<String, Float> factors = new HashMap<>();
        for (Layer layer : layers) {
            List<double[]> entries = new ArrayList<>();
            layer.cores.forEach(core -> entries.add(RealArrays.toDouble(core.getArray())));
            double[] found = factors(layer, entries);
            for (int n = 0; n < found.length; n++) {
                factors.put(layer.cores.get(n).getId(), (float) found[n]);
            }
        }
        return factors;
    }

    private double[] factors(Layer layer, List<double[]> entries) {
        List<CoreSpectrum> spectra = CoreSpectrum.of(layer.network, entries);
        double[] lengths = spectra.stream().mapToDouble(kind::length).toArray();
        double square = 0;
        double along = 0;
        double longest = 0;
        for (int n = 0; n < lengths.length; n++) {
            // A core that cannot move the kernel yet, because another one is 0, has no part in it.
            if (lengths[n] > 0 && layer.cores.get(n).requiresGradient()) {
                double cosine = kind.cosine(spectra.get(n));
                square += 1 - cosine * cosine;
                along += cosine;
                longest = Math.max(longest, lengths[n]);
            }
        }
        double scale = 1 / kind.size(Math.sqrt(square + along * along), along);
        double[] factors = new double[lengths.length];
        for (int n = 0; n < factors.length; n++) {
            double length = lengths[n] > 0 ? lengths[n] : longest;
            factors[n] = longest > 0 ? scale / length : 1;
        }
        return factors;
    }
}
