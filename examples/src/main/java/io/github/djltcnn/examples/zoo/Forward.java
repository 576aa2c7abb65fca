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
package io.github.djltcnn.examples.zoo;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.zoo.ResNetSpec;
import io.github.djltcnn.zoo.TcnnZoo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;

/** What a shipped model answers, and how long it takes. */
final class Forward {

    private static final int ROUNDS = 60;
    private static final int PREDICTIONS = 3;

    private Forward() {}

    /**
     * The scores of a picture that any program can make: pixel (7 channel + 3 row + 5 column) mod
     * 32, divided by 31. They say on any machine whether a file is the one that was measured.
     *
     * @param model a model of pictures
     * @return the scores with four digits, separated by blanks
     */
    static String scores(Model model) {
        Shape input = ModelInfo.of(model).input();
        try (NDManager manager = model.getNDManager().newSubManager()) {
            StringBuilder text = new StringBuilder();
            for (float score : run(model, picture(manager, input), manager).toFloatArray()) {
                text.append(String.format(Locale.ROOT, "%.4f ", score));
            }
            return text.toString().strip();
        }
    }

    /**
     * The time of a prediction of one picture, as a multiple of that of the dense ResNet-20: of
     * many rounds, in which both take turns, the least time of each. It is the processor's time of
     * this thread, which other programs change little; so torch has one thread.
     *
     * @param model a model of pictures
     * @return the ratio
     */
    static double latency(Model model) {
        ModelInfo info = ModelInfo.of(model);
        ResNetSpec dense =
                ResNetSpec.parse("resnet20")
                        .withImage(info.input().slice(1))
                        .withOutSize((int) info.output().get(1));
        try (Model standard = TcnnZoo.create(dense);
                NDManager manager = model.getNDManager().newSubManager()) {
            NDArray picture = picture(manager, info.input());
            long own = Long.MAX_VALUE;
            long other = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                own = Math.min(own, time(model, picture));
                other = Math.min(other, time(standard, picture));
            }
            return (double) own / other;
        }
    }

    private static long time(Model model, NDArray picture) {
        ThreadMXBean thread = ManagementFactory.getThreadMXBean();
        long begin = thread.getCurrentThreadCpuTime();
        for (int n = 0; n < PREDICTIONS; n++) {
            try (NDManager manager = picture.getManager().newSubManager()) {
                NDArray input = picture.duplicate();
                input.attach(manager);
                run(model, input, manager).toFloatArray();
            }
        }
        return thread.getCurrentThreadCpuTime() - begin;
    }

    private static NDArray run(Model model, NDArray input, NDManager manager) {
        return model.getBlock()
                .forward(new ParameterStore(manager, false), new NDList(input), false)
                .singletonOrThrow();
    }

    private static NDArray picture(NDManager manager, Shape input) {
        int height = (int) input.get(2);
        int width = (int) input.get(3);
        float[] pixels = new float[(int) input.size()];
        for (int n = 0; n < pixels.length; n++) {
            int channel = n / (height * width);
            int row = n / width % height;
            pixels[n] = (7 * channel + 3 * row + 5 * (n % width)) % 32 / 31f;
        }
        return manager.create(pixels, input);
    }
}
