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

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/**
 * What is done with gradients before a step.
 *
 * @param rescale the factor
 * @param clip the largest size of an element; negative for none
 * @param clipNorm the largest norm of all gradients together; 0 for none
 */
record GradientRule(float rescale, float clip, float clipNorm) {

    private static final double TINY = 1e-6;

    boolean needsNorm() {
        return clipNorm > 0;
    }

    /** The lines of the method that step by {@link UpdateRule#script}. */
    List<String> script() {
        List<String> lines = new ArrayList<>();
        if (rescale != 1) {
            lines.add("_ = torch.mul_(g, " + UpdateRule.number(rescale) + ")");
        }
        if (clip >= 0) {
            String bound = UpdateRule.number(clip);
            lines.add("_ = torch.clamp_(g, -" + bound + ", " + bound + ")");
        }
        if (needsNorm()) {
            lines.add("_ = torch.mul_(g, torch.select(torch.select(rates, 0, -1), 0, 0))");
        }
        return lines;
    }

    /** The factor by which gradients are multiplied for the bound of their norm. */
    double factor(double squares) {
        return Math.min(1, clipNorm / (Math.abs(rescale) * Math.sqrt(squares) + TINY));
    }

    /** The gradient of a parameter alone, as a new array. */
    NDArray prepare(NDArray gradient) {
        NDArray prepared = gradient.mul(rescale);
        if (clip < 0) {
            return prepared;
        }
        try (prepared) {
            return prepared.clip(-clip, clip);
        }
    }
}
