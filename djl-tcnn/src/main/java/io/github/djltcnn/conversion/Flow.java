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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.ParallelBlock;
import io.github.djltcnn.blocks.internal.DjlInternals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * What flows through two networks: the arrays of every batch, in the original and in the compressed
 * one; one list stands for both where nothing was compressed yet.
 */
record Flow(List<NDList> original, List<NDList> compressed) {

    @SuppressWarnings("ReferenceEquality") // the very list
    boolean isSame() {
        return original == compressed;
    }

    /** The same step in both networks. */
    Flow mapped(UnaryOperator<NDList> step) {
        List<NDList> first = original.stream().map(step).toList();
        return new Flow(first, isSame() ? first : compressed.stream().map(step).toList());
    }

    /** What a block makes of its branches. */
    static Flow joined(ParallelBlock block, List<Flow> branches) {
        boolean same = branches.stream().allMatch(Flow::isSame);
        List<NDList> first = new ArrayList<>();
        List<NDList> second = same ? first : new ArrayList<>();
        for (int n = 0; n < branches.get(0).original.size(); n++) {
            int at = n;
            List<NDList> parts = branches.stream().map(b -> b.original.get(at)).toList();
            first.add(DjlInternals.function(block).apply(parts));
            if (!same) {
                parts = branches.stream().map(b -> b.compressed.get(at)).toList();
                second.add(DjlInternals.function(block).apply(parts));
            }
        }
        return new Flow(first, second);
    }

    /**
     * What the branches that have run lack in the compressed network, if a block does no more than
     * to add branches up.
     *
     * @param block the block
     * @param outs its branches; null for those that have not run
     * @return an array per batch; null if nothing is lacking or the block does something else
     */
    static List<NDArray> lacking(ParallelBlock block, Flow... outs) {
        List<Flow> done = Arrays.stream(outs).filter(Objects::nonNull).toList();
        if (done.stream().allMatch(Flow::isSame) || !adds(block, outs.length, done.get(0))) {
            return null;
        }
        List<NDArray> lacking = new ArrayList<>();
        for (int n = 0; n < done.get(0).original.size(); n++) {
            NDArray sum = null;
            for (Flow flow : done) {
                NDArray part = flow.original.get(n).head().sub(flow.compressed.get(n).head());
                if (sum == null) {
                    sum = part;
                } else {
                    sum.addi(part);
                    part.close();
                }
            }
            lacking.add(sum);
        }
        return lacking;
    }

    /** Whether {@code f(a, b) = f(a + b, 0)}, tried on what flows. */
    private static boolean adds(ParallelBlock block, int branches, Flow flow) {
        if (flow.original.get(0).size() != 1) {
            return false;
        }
        NDArray one = flow.original.get(0).head();
        try (NDManager scope = one.getManager().newSubManager()) {
            NDArray a = one.get("0:1");
            a.attach(scope);
            NDArray zero = a.zerosLike();
            List<NDList> apart = new ArrayList<>();
            List<NDList> together = new ArrayList<>();
            NDArray sum = zero;
            for (int n = 0; n < branches; n++) {
                NDArray part =
                        scope.randomNormal(0, 1, a.getShape(), DataType.FLOAT32)
                                .toType(a.getDataType(), false);
                apart.add(new NDList(part));
                together.add(new NDList(zero));
                sum = sum.add(part);
            }
            together.set(0, new NDList(sum));
            NDList left = DjlInternals.function(block).apply(apart);
            NDList right = DjlInternals.function(block).apply(together);
            left.attach(scope);
            right.attach(scope);
            return left.size() == 1
                    && right.size() == 1
                    && left.head().getShape().equals(a.getShape())
                    && left.head().allClose(right.head(), 1e-3, 1e-3, false);
        } catch (RuntimeException e) {
            return false; // it wants other branches than these
        }
    }
}
