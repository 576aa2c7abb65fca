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

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.nn.LayerObserver;
import io.github.djltcnn.nn.LayerPass;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * One pass of a batch through a block, there and back: what each tensorial layer did to signals and
 * to gradients. The error that goes back is the sum of all outputs, each times a standard normal
 * number.
 */
final class Passage implements LayerObserver {

    private final List<TensorialBlock> layers = new ArrayList<>();
    private final List<Moments> inputs = new ArrayList<>();
    private final List<Moments> outputs = new ArrayList<>();
    private final List<GradientTap> inputTaps = new ArrayList<>();
    private final List<GradientTap> outputTaps = new ArrayList<>();

    private Passage() {}

    /**
     * A layer as the pass met it.
     *
     * @param layer the layer
     * @param input what came in
     * @param output what went out
     * @param outputGradient the gradient at its output
     * @param inputGradient the gradient that it handed back
     */
    record Meeting(
            TensorialBlock layer,
            Moments input,
            Moments output,
            Moments outputGradient,
            Moments inputGradient) {}

    /**
     * Passes a batch. The pass is one of inference.
     *
     * @param block an initialized block
     * @param batch its input; nothing is left at its manager
     * @return the layers in the order of the pass, as often as it met them
     */
    static List<Meeting> thereAndBack(Block block, NDList batch) {
        Passage passage = new Passage();
        List<Meeting> meetings = new ArrayList<>();
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            LayerPass.observe(
                    block,
                    batch,
                    passage,
                    results -> {
                        collector.backward(Observation.randomError(results));
                        meetings.addAll(passage.meetings());
                    });
        }
        return meetings;
    }

    @Override
    public NDArray onInput(TensorialBlock layer, NDArray input) {
        layers.add(layer);
        inputs.add(Moments.of(input));
        return tap(input, inputTaps);
    }

    @Override
    public NDArray onOutput(TensorialBlock layer, NDArray output) {
        outputs.add(Moments.of(output));
        return tap(output, outputTaps);
    }

    private static NDArray tap(NDArray signal, List<GradientTap> taps) {
        GradientTap tap = new GradientTap(signal);
        taps.add(tap);
        return tap.signal();
    }

    private List<Meeting> meetings() {
        List<Meeting> meetings = new ArrayList<>();
        for (int n = 0; n < layers.size(); n++) {
            meetings.add(
                    new Meeting(
                            layers.get(n),
                            inputs.get(n),
                            outputs.get(n),
                            outputTaps.get(n).gradient(),
                            inputTaps.get(n).gradient()));
        }
        return meetings;
    }
}
