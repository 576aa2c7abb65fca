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
package io.github.djltcnn.contraction.internal.search;

/**
 * An activation meets a tensor made of cores: what becomes of every channel mode, and how the
 * spatial axes slide. It does not depend on the order of axes.
 *
 * @param free modes of the activation that the tensor lacks
 * @param groups modes of both that stay
 * @param summed modes of both that end here
 * @param fresh modes of the tensor that the activation lacks
 * @param kernel kernel modes of the tensor
 * @param before the spatial sizes before
 * @param call how the spatial axes slide
 * @param after the spatial sizes after
 */
@SuppressWarnings("ArrayRecordComponent") // lives in a search and is never compared
public record Meeting(
        long free,
        long groups,
        long summed,
        long fresh,
        long kernel,
        long[] before,
        Sliding.Call call,
        long[] after) {

    static Meeting of(ModeTable table, Sliding sliding, long passed, long next) {
        long have = table.keptByInput(passed);
        long met = table.keptByCores(next);
        long stay = table.keptByInput(passed | next);
        long[] before = sliding.sizes(passed);
        Sliding.Call call = sliding.call(passed, next);
        return new Meeting(
                have & ~met,
                have & met & stay,
                have & met & ~stay,
                met & ~have & ~table.kernelModes(),
                met & table.kernelModes(),
                before,
                call,
                sliding.sizes(passed | next));
    }

    /** Whether no spatial axis slides. */
    boolean isPointwise() {
        return call.isTrivial();
    }
}
