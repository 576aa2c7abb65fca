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
package io.github.djltcnn.compression;

import io.github.djltcnn.runtime.internal.Stopwatch;
import java.util.Arrays;
import java.util.List;

/** Times predictions in turn, so that whatever else the machine does reaches all of them alike. */
final class Latency {

    private static final double NANO = 1e-9;
    private static final int LEAST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 101;
    private static final int WARM_UP = 2;

    private Latency() {}

    /**
     * What a prediction took.
     *
     * @param median the median in seconds
     * @param least the time that one round in ten stays below, which a busy machine hardly reaches
     * @param ratio that time over that of the first prediction
     */
    record Time(double median, double least, double ratio) {}

    /**
     * Times predictions.
     *
     * @param predictions the predictions
     * @param seconds about how long to measure
     * @param between called before each round; what it throws ends the measurement
     * @return a time for each
     */
    static Time[] of(List<Prediction> predictions, double seconds, Runnable between) {
        int n = predictions.size();
        double[][] times = new double[n][MOST_ROUNDS];
        int rounds = 0;
        try (Stopwatch watch = new Stopwatch(predictions.get(0).manager())) {
            for (int round = 0; round < WARM_UP; round++) {
                predictions.forEach(Prediction::run);
            }
            long begin = System.nanoTime();
            while (rounds < MOST_ROUNDS) {
                between.run();
                for (int k = 0; k < n; k++) {
                    // The first call finds the caches as the other prediction left them.
                    predictions.get(k).run();
                    times[k][rounds] = watch.nanos(predictions.get(k)::run) * NANO;
                }
                rounds++;
                boolean late = (System.nanoTime() - begin) * NANO > seconds;
                if (late && rounds >= LEAST_ROUNDS) {
                    break;
                }
            }
        }
        Time[] result = new Time[n];
        for (int k = 0; k < n; k++) {
            double[] sorted = Arrays.copyOf(times[k], rounds);
            Arrays.sort(sorted);
            double least = sorted[rounds / 10];
            double first = k == 0 ? least : result[0].least;
            result[k] = new Time(sorted[rounds / 2], least, least / first);
        }
        return result;
    }
}
