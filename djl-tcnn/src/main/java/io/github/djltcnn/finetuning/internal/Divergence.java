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
package io.github.djltcnn.finetuning.internal;

/**
 * Notices that a training has gone wrong: a loss that is no number, or one that stays far above
 * where it began and above what guessing costs. A single bad batch is none.
 */
public final class Divergence {

    private static final int FIRST = 5;
    private static final int PATIENCE = 10;
    private static final double KEPT = 0.8;
    private static final double FACTOR = 3;

    private final double guessing;
    private int steps;
    private double first;
    private double smooth;

    /** Watches a training on so many classes. */
    public Divergence(int classes) {
        guessing = Math.log(classes);
    }

    /** Whether the training has diverged, after a step of this loss. */
    public boolean notice(double loss) {
        if (!Double.isFinite(loss)) {
            return true;
        }
        steps++;
        if (steps <= FIRST) {
            first += loss / FIRST;
        }
        smooth = steps == 1 ? loss : KEPT * smooth + (1 - KEPT) * loss;
        return steps > PATIENCE && smooth > FACTOR * Math.max(first, guessing);
    }

    /** The mean loss of the first steps. */
    public double first() {
        return first;
    }

    /** The state as text. */
    public String state() {
        return steps + "," + first + "," + smooth;
    }

    /** Goes on from a state. */
    public void restore(String state) {
        String[] parts = state.split(",", -1);
        steps = Integer.parseInt(parts[0]);
        first = Double.parseDouble(parts[1]);
        smooth = Double.parseDouble(parts[2]);
    }
}
