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

import java.util.SplittableRandom;

/**
 * All random numbers of a fine-tuning, each a function of the seed and of what it is for. Nothing
 * is remembered from step to step, so a training that goes on after a crash draws what it would
 * have drawn.
 */
public record Randomness(long seed) {

    /** Which pictures are held out. */
    public static final int SPLIT = 1;

    private static final int ORDER = 2;
    private static final int PICTURE = 3;
    private static final int STEP = 4;

    /** The random numbers of a purpose. */
    public SplittableRandom of(int purpose, long first, long second) {
        SplittableRandom random = new SplittableRandom(seed);
        long mixed = random.nextLong() + purpose;
        mixed = new SplittableRandom(mixed).nextLong() + first;
        mixed = new SplittableRandom(mixed).nextLong() + second;
        return new SplittableRandom(mixed);
    }

    /** The random numbers that change a picture in an epoch. */
    public SplittableRandom picture(int epoch, long index) {
        return of(PICTURE, epoch, index);
    }

    /** The seed of the engine, which draws what dropout drops, at a step. */
    public int step(int epoch, int step) {
        return of(STEP, epoch, step).nextInt();
    }

    /** The order of the pictures in an epoch. */
    public int[] order(int epoch, int count) {
        int[] order = new int[count];
        for (int n = 0; n < count; n++) {
            order[n] = n;
        }
        shuffle(order, of(ORDER, epoch, count));
        return order;
    }

    /** Puts numbers into a random order. */
    public static void shuffle(int[] numbers, SplittableRandom random) {
        for (int n = numbers.length - 1; n > 0; n--) {
            int other = random.nextInt(n + 1);
            int kept = numbers[n];
            numbers[n] = numbers[other];
            numbers[other] = kept;
        }
    }
}
