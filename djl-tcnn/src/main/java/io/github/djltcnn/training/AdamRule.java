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
 * Adam and AdamW as DJL does them: {@code m = beta1 m + (1 - beta1) g}, {@code v = beta2 v + (1 -
 * beta2) g^2}, {@code w -= rate c m / (sqrt(v) + epsilon)}, where {@code c = sqrt(1 - beta2^t) / (1
 * - beta1^t)}. Adam adds {@code decay w} to the gradient, AdamW takes {@code rate decay w} from the
 * weight.
 *
 * @param beta1 the share of the mean that is kept
 * @param beta2 the share of the variance that is kept
 * @param epsilon added to the square root of the variance
 * @param decay the weight decay
 * @param decoupled whether this is AdamW
 */
record AdamRule(float beta1, float beta2, float epsilon, float decay, boolean decoupled)
        implements UpdateRule {

    @Override
    public List<String> states() {
        return List.of("mean", "variance");
    }

    @Override
    public List<String> script() {
        List<String> lines = new ArrayList<>();
        if (decay != 0 && !decoupled) {
            lines.add("_ = torch.add_(g, w, alpha=" + UpdateRule.number(decay) + ")");
        }
        lines.add("_ = torch.mul_(s0, " + UpdateRule.number(beta1) + ")");
        lines.add("_ = torch.add_(s0, g, alpha=" + UpdateRule.number(1 - beta1) + ")");
        lines.add("_ = torch.mul_(s1, " + UpdateRule.number(beta2) + ")");
        lines.add("_ = torch.addcmul_(s1, g, g, value=" + UpdateRule.number(1 - beta2) + ")");
        if (decay != 0 && decoupled) {
            lines.add("_ = torch.copy_(g, w)");
            lines.add("torch._foreach_mul_(self.pieces, torch.unbind(torch.select(rates, 0, 1)))");
            lines.add("_ = torch.mul_(g, " + UpdateRule.number(decay) + ")");
            lines.add("_ = torch.sub_(w, g)");
        }
        lines.add("_ = torch.copy_(g, s0)");
        lines.add("torch._foreach_mul_(self.pieces, torch.unbind(torch.select(rates, 0, 0)))");
        lines.add(
                "_ = torch.div_(g, torch.add(torch.sqrt(s1), " + UpdateRule.number(epsilon) + "))");
        lines.add("_ = torch.sub_(w, g)");
        return lines;
    }

    @Override
    public double[] rates(float rate, int update) {
        double first = 1 - Math.pow(beta1, update);
        double second = 1 - Math.pow(beta2, update);
        return new double[] {(float) (rate * Math.sqrt(second) / first), rate};
    }

    @Override
    public void update(NDArray weight, NDArray gradient, List<NDArray> states, double... rates) {
        weight.getNDArrayInternal()
                .adamUpdate(
                        new NDList(weight, gradient, states.get(0), states.get(1)),
                        new NDList(weight),
                        (float) rates[1],
                        (float) rates[0],
                        decay,
                        1,
                        -1,
                        beta1,
                        beta2,
                        epsilon,
                        true,
                        decoupled);
    }
}
