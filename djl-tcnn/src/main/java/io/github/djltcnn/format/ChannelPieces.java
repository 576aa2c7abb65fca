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
package io.github.djltcnn.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a channel axis is split into the several modes that tensor trains and rings lay out in a
 * chain: 64 channels into pieces 4 x 4 x 4, say. Immutable.
 *
 * @since 0.1.0
 */
public final class ChannelPieces {

    private final int count;
    private final Map<Long, List<Long>> given;

    private ChannelPieces(int count, Map<Long, List<Long>> given) {
        this.count = count;
        this.given = Collections.unmodifiableMap(given);
    }

    /**
     * Splits every channel count into at most so many pieces, as even as its divisors allow, the
     * larger first: 32 into three is 4 x 4 x 2, 10 into three is 5 x 2, and a prime count is one
     * piece.
     *
     * @param count the largest number of pieces, at least 1
     * @return the rule
     * @throws IllegalArgumentException if the count is below 1
     */
    public static ChannelPieces even(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("At least 1 channel piece is needed, got " + count);
        }
        return new ChannelPieces(count, Map.of());
    }

    /**
     * Leaves every channel axis whole.
     *
     * @return the rule
     */
    public static ChannelPieces whole() {
        return even(1);
    }

    /**
     * Returns a rule that splits the product of the given pieces into just these, and every other
     * channel count as before.
     *
     * @param pieces the pieces in order, each at least 1
     * @return a new rule
     * @throws IllegalArgumentException if there is no piece or one is below 1
     */
    public ChannelPieces with(long... pieces) {
        long channels = 1;
        for (long piece : pieces) {
            if (piece < 1) {
                throw new IllegalArgumentException(
                        "Channel pieces are at least 1, got " + Arrays.toString(pieces));
            }
            if (piece > Integer.MAX_VALUE / channels) {
                throw new IllegalArgumentException(
                        "Channel pieces make at most "
                                + Integer.MAX_VALUE
                                + " channels, as the axes of an array have; got "
                                + Arrays.toString(pieces));
            }
            channels *= piece;
        }
        if (pieces.length == 0) {
            throw new IllegalArgumentException("At least one channel piece is needed, got none");
        }
        Map<Long, List<Long>> more = new LinkedHashMap<>(given);
        more.put(channels, Arrays.stream(pieces).boxed().toList());
        return new ChannelPieces(count, more);
    }

    /**
     * Splits a channel count.
     *
     * @param channels the number of channels (per group), at least 1
     * @return the pieces, whose product it is
     */
    public List<Long> split(long channels) {
        if (channels < 1 || channels > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "A number of channels is from 1 to "
                            + Integer.MAX_VALUE
                            + ", as the axes of an array have; got "
                            + channels);
        }
        List<Long> pieces = given.get(channels);
        return pieces != null ? pieces : evenly(channels, count);
    }

    /**
     * Factorises a number evenly: of all ways to write it as a product of so many factors, the one
     * of the least sum, ones left out.
     */
    static List<Long> evenly(long number, int count) {
        List<Long> best = primes(number);
        if (best.size() > count) {
            best = new ArrayList<>(search(number, count, number, divisors(number)));
            best.removeIf(piece -> piece == 1);
        }
        return best.isEmpty() ? List.of(1L) : List.copyOf(best);
    }

    /** The prime factors in descending order: no other factors have a lesser sum. */
    private static List<Long> primes(long number) {
        List<Long> primes = new ArrayList<>();
        long rest = number;
        for (long n = 2; n <= rest / n; n++) {
            while (rest % n == 0) {
                primes.add(0, n);
                rest /= n;
            }
        }
        if (rest > 1) {
            primes.add(0, rest);
        }
        return primes;
    }

    /** All divisors in ascending order; each up to the square root comes with another one. */
    private static long[] divisors(long number) {
        List<Long> small = new ArrayList<>();
        List<Long> large = new ArrayList<>();
        for (long n = 1; n <= number / n; n++) {
            if (number % n == 0) {
                small.add(n);
                if (n != number / n) {
                    large.add(0, number / n);
                }
            }
        }
        small.addAll(large);
        return small.stream().mapToLong(Long::longValue).toArray();
    }

    /** The factors in descending order, none above {@code most}; null if there is no way. */
    private static List<Long> search(long number, int count, long most, long[] divisors) {
        if (count == 1) {
            return number <= most ? List.of(number) : null;
        }
        List<Long> best = null;
        for (long first : divisors) {
            if (first > most || first > number) {
                break;
            }
            // The first factor is the largest one, so it is at least the count-th root.
            if (number % first != 0
                    || Math.pow((double) first, count) < (double) number * (1 - 1e-12)) {
                continue;
            }
            List<Long> rest = search(number / first, count - 1, first, divisors);
            if (rest != null && (best == null || first + sum(rest) < sum(best))) {
                best = new ArrayList<>();
                best.add(first);
                best.addAll(rest);
            }
        }
        return best;
    }

    private static long sum(List<Long> factors) {
        return factors.stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelPieces that
                && count == that.count
                && given.equals(that.given);
    }

    @Override
    public int hashCode() {
        return 31 * count + given.hashCode();
    }

    /** Returns the rule in words, as {@code even(3) with [4, 2, 2]}. */
    @Override
    public String toString() {
        return "even(" + count + ")" + (given.isEmpty() ? "" : " with " + given.values());
    }
}
