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
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;

/**
 * Stochastic gradient descent as DJL does it: {@code s = momentum s + rate (g + decay w)}, {@code w
 * -= s}; with Nesterov's momentum {@code w -= momentum s + rate (g + decay w)}.
 *
 * @param momentum from 0 to below 1; 0 remembers nothing
 * @param nesterov whether the step looks ahead
 * @param decay the weight decay
 */
record SgdRule(float momentum, boolean nesterov, float decay) implements UpdateRule {

    @Override
    public List<String> states() {
        return momentum == 0 ? List.of() : List.of("momentum");
    }

    @Override
    public List<String> script() {
        List<String> lines = new ArrayList<>();
        if (decay != 0) {
            lines.add("_ = torch.add_(g, w, alpha=" + UpdateRule.number(decay) + ")");
        }
        lines.add("torch._foreach_mul_(self.pieces, torch.unbind(torch.select(rates, 0, 0)))");
        if (momentum == 0) {
            lines.add("_ = torch.sub_(w, g)");
            return lines;
        }
        lines.add("_ = torch.mul_(s0, " + UpdateRule.number(momentum) + ")");
        lines.add("_ = torch.add_(s0, g)");
        if (nesterov) {
            lines.add("_ = torch.add_(g, s0, alpha=" + UpdateRule.number(momentum) + ")");
        }
        lines.add("_ = torch.sub_(w, " + (nesterov ? "g" : "s0") + ")");
        return lines;
    }

    @Override
    public double[] rates(float rate, int update) {
        return new double[] {rate};
    }

    @Override
    public void update(NDArray weight, NDArray gradient, List<NDArray> states, double... rates) {
        NDList inputs = new NDList(weight, gradient);
        inputs.addAll(states);
        if (!nesterov) {
            subtract(inputs, (float) rates[0], decay, momentum);
            return;
        }
        try (NDArray values = weight.stopGradient();
                NDArray decayed = values.mul(decay);
                NDArray step = gradient.add(decayed)) {
            NDArray state = states.get(0);
            step.muli(rates[0]);
            state.muli(momentum);
            state.addi(step);
            try (NDArray ahead = state.mul(momentum)) {
                step.addi(ahead);
            }
            subtract(new NDList(weight, step), 1, 0, 0);
        }
    }

    private static void subtract(NDList inputs, float rate, float decay, float momentum) {
        inputs.head()
                .getNDArrayInternal()
                .sgdUpdate(inputs, new NDList(inputs.head()), rate, decay, 1, -1, momentum, true);
    }
}
