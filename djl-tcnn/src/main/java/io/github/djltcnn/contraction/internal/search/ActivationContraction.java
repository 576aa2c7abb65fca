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
 * The contraction of an activation with a tensor made of cores: what becomes of every channel mode,
 * and which spatial axes are convolved. It does not depend on the order of axes.
 *
 * @param free modes of the activation that the tensor lacks
 * @param groups modes of both that stay
 * @param summed modes of both that end here
 * @param fresh modes of the tensor that the activation lacks
 * @param kernel kernel modes of the tensor
 * @param before the spatial sizes before
 * @param call the windows of the spatial axes
 * @param after the spatial sizes after
 */
@SuppressWarnings("ArrayRecordComponent") // lives in a search and is never compared
public record ActivationContraction(
        long free,
        long groups,
        long summed,
        long fresh,
        long kernel,
        long[] before,
        SpatialSchedule.Call call,
        long[] after) {

    static ActivationContraction of(
            ModeTable table, SpatialSchedule schedule, long passed, long next) {
        long have = table.keptByInput(passed);
        long met = table.keptByCores(next);
        long stay = table.keptByInput(passed | next);
        long[] before = schedule.sizes(passed);
        SpatialSchedule.Call call = schedule.call(passed, next);
        return new ActivationContraction(
                have & ~met,
                have & met & stay,
                have & met & ~stay,
                met & ~have & ~table.kernelModes(),
                met & table.kernelModes(),
                before,
                call,
                schedule.sizes(passed | next));
    }

    /** Whether no spatial axis is convolved. */
    public boolean isPointwise() {
        return call.isTrivial();
    }

    /** Whether it is a matrix product over channels. */
    public boolean isProduct() {
        return isPointwise() && groups == 0;
    }

    /** Whether every channel of the result is made of one of the input. */
    public boolean isPerChannel() {
        return summed == 0 && fresh == 0;
    }

    /** Whether it only multiplies channels by factors. */
    public boolean isScaling() {
        return isPointwise() && isPerChannel();
    }
}
