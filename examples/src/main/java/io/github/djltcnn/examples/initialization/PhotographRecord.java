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
package io.github.djltcnn.examples.initialization;

import java.util.Arrays;
import java.util.List;

/**
 * A line of the file of results.
 *
 * @param run what was trained
 * @param epochs the passes over the photographs that were asked for
 * @param photographs how many there are
 * @param seconds how long it took
 * @param losses the mean training loss over each ten steps
 * @param accuracies those on the test photographs after each epoch
 */
record PhotographRecord(
        PhotographRun run,
        int epochs,
        int photographs,
        double seconds,
        List<Double> losses,
        List<Double> accuracies) {

    /** The accuracy of a guess among ten classes. */
    private static final double GUESS = 0.1;

    private static final int EPOCHS = 4;

    /** The loss of a run is the mean over the last part of its steps. */
    private static final int PART = 6;

    static PhotographRecord parse(String line) {
        String[] cells = line.split(",", -1);
        return new PhotographRecord(
                PhotographRun.parse(cells),
                Integer.parseInt(cells[EPOCHS]),
                Integer.parseInt(cells[EPOCHS + 1]),
                Double.parseDouble(cells[EPOCHS + 2]),
                numbers(cells[EPOCHS + 3]),
                numbers(cells[EPOCHS + 4]));
    }

    private static List<Double> numbers(String cell) {
        return cell.isEmpty()
                ? List.of()
                : Arrays.stream(cell.split(" ", -1)).map(Double::valueOf).toList();
    }

    boolean finished() {
        return accuracies.size() == epochs;
    }

    /** The mean loss of the last sixth of the steps; infinite if the run broke off. */
    double loss() {
        int count = losses.size();
        return finished()
                ? losses.subList(count - Math.max(1, count / PART), count).stream()
                        .mapToDouble(loss -> loss)
                        .average()
                        .orElse(Double.POSITIVE_INFINITY)
                : Double.POSITIVE_INFINITY;
    }

    /** The accuracy at the end; that of a guess if the run broke off. */
    double accuracy() {
        return finished() ? accuracies.get(epochs - 1) : GUESS;
    }

    /**
     * The steps to an accuracy on the test photographs, in a line between the ends of epochs.
     *
     * @return the steps; none (NaN) if it was not reached
     */
    double stepsTo(double accuracy) {
        int epoch = photographs / PhotographRun.BATCH;
        double before = GUESS;
        for (int n = 0; n < accuracies.size(); n++) {
            double now = accuracies.get(n);
            if (now >= accuracy) {
                return epoch * (n + (accuracy - before) / (now - before));
            }
            before = now;
        }
        return Double.NaN;
    }
}
