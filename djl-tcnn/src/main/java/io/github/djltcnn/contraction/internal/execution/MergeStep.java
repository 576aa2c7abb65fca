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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDArray;
import io.github.djltcnn.contraction.internal.cost.Work;

/**
 * Contracts two tensors made of cores: a (batched) matrix product, or a broadcast product where no
 * mode is summed. The modes of the result are the shared ones that stay, then the others of the
 * left operand, then those of the right; its array is cut as the product leaves it.
 *
 * @param left the slot of the left operand
 * @param right the slot of the right operand
 * @param target the slot of the result
 * @param rows brings the left operand into (shared, own, summed), without the first if it is 1
 * @param columns brings the right operand into (shared, summed, own), without the first if it is 1
 * @param isSummed whether a mode is summed over
 * @param work how much it is
 */
public record MergeStep(
        int left,
        int right,
        int target,
        Arrangement rows,
        Arrangement columns,
        boolean isSummed,
        Work work)
        implements WeightStep {

    @Override
    public WeightStep stacked(int number) {
        return new MergeStep(
                left, right, target, rows.stacked(number), columns.stacked(number), isSummed, work);
    }

    @Override
    public void run(Workspace space) {
        NDArray l = space.owned(rows.apply(space, space.tensor(left)));
        NDArray r = columns.apply(space, space.tensor(right));
        space.putTensor(target, isSummed ? product(l, r) : l.mul(r));
        space.dropTensor(left);
        space.dropTensor(right);
    }

    private static NDArray product(NDArray rows, NDArray columns) {
        // matMul of batches is the same behind four more calls.
        return rows.getShape().dimension() == 3 ? rows.batchMatMul(columns) : rows.matMul(columns);
    }
}
