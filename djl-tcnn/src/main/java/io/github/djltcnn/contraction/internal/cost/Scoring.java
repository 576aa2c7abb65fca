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
package io.github.djltcnn.contraction.internal.cost;

import java.util.function.ToDoubleFunction;

/** How a search weighs what a step takes. */
public interface Scoring {

    /** The score of a step. */
    double of(Work work);

    /** The score of one thing after another. */
    default double join(double before, double then) {
        return before + then;
    }

    /** The same with a price on every byte that a step writes. */
    default Scoring withPrice(double price) {
        Scoring free = this;
        return new Scoring() {
            @Override
            public double of(Work work) {
                return free.of(work) + price * work.written();
            }

            @Override
            public double join(double before, double then) {
                return free.join(before, then);
            }
        };
    }

    /**
     * Scores by time. Weights are kept between forward evaluations, so that only training pays for
     * them.
     */
    static Scoring time(ToDoubleFunction<Work> seconds, boolean training) {
        return work -> {
            double time = seconds.applyAsDouble(work);
            boolean once =
                    work.operation() == Operation.MERGE || work.operation() == Operation.PREPARE;
            return once && !training ? KEPT_WEIGHT_SHARE * time : time;
        };
    }

    /** Scores by multiply-adds. */
    static Scoring macs() {
        return Work::macs;
    }

    /** Scores by the bytes held at once. */
    static Scoring memory(boolean training) {
        return training
                ? work -> work.written() + TRANSIENT_SHARE * PeakMemory.footprint(work)
                : peak();
    }

    /** What a step holds only meanwhile decides between equals. */
    double TRANSIENT_SHARE = 1e-3;

    /** What is computed once counts for next to nothing, but still decides between equals. */
    double KEPT_WEIGHT_SHARE = 1e-6;

    private static Scoring peak() {
        return new Scoring() {
            @Override
            public double of(Work work) {
                return PeakMemory.footprint(work);
            }

            @Override
            public double join(double before, double then) {
                return Math.max(before, then);
            }
        };
    }
}
