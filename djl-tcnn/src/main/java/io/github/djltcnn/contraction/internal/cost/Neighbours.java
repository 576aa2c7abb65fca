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

import java.util.ArrayList;
import java.util.List;

/**
 * What steps of one kind took where they were timed, next to what their {@link Rate} says. No sum
 * of a few terms follows all the ways in which a library tiles and vectorises; the steps nearest in
 * size do. Between and beside them their influence fades, and far from all the rate stands alone.
 */
public final class Neighbours {

    public static final Neighbours NONE = new Neighbours(List.of());

    /** Numbers of a row: the extent, forward and backward. */
    private static final int COLUMNS = 9;

    // The distances below are choices, made together with the CPU models and not fitted.

    /** How far apart two sizes may be and still be alike, in octaves of a channel count. */
    private static final double REACH = 0.6;

    /** The weight of the rate, as if it were one more neighbour, a little away. */
    private static final double TRUST = 0.15;

    /**
     * Beyond this distance, in squared reaches, a neighbour does not matter: e^-4.5 of its weight.
     */
    private static final double NEIGHBOUR_RADIUS_SQUARED = 9;

    /** Within this distance, in squared reaches, two rows are one. */
    private static final double SAME_RADIUS_SQUARED = 0.7;

    /** No step costs e^20 times what its rate says. */
    private static final double MOST_LOGARITHM = 20;

    /** No calibration times so many steps; every prediction goes over all of them. */
    private static final int MOST_ROWS = 100_000;

    /** Whole numbers below are exact. */
    private static final double MOST_WHOLE = 1L << 53;

    private static final double PERCENT = 100;

    /** An octave of groups counts as so many octaves of channels. */
    private static final double GROUPS = 0.7;

    /** An octave of images or positions counts as so many octaves of channels. */
    private static final double COUNTS = 0.5;

    /** libtorch's own convolution and oneDNN's are so many octaves apart. */
    private static final double SMALL = 3;

    private static final int AXES = 7;

    private final List<Row> rows;
    private final double[][] places;

    /** Creates the corrections that timed steps give. */
    public Neighbours(List<Row> rows) {
        this.rows = List.copyOf(rows);
        places = rows.stream().map(row -> place(row.extent())).toArray(double[][]::new);
    }

    /**
     * One step that was timed.
     *
     * @param extent its size
     * @param forward the logarithm of the measured time over that of the rate
     * @param backward the same for the backward pass
     */
    public record Row(Work.Extent extent, double forward, double backward) {

        /** Creates a row; a negative zero is a zero. */
        public Row {
            forward += 0.0;
            backward += 0.0;
        }

        /** The same to as many digits as are measured: a percent, and whole sizes. */
        Row rounded() {
            Work.Extent e = extent;
            Work.Extent whole =
                    new Work.Extent(
                            Math.rint(e.in()),
                            Math.rint(e.out()),
                            Math.rint(e.groups()),
                            Math.rint(e.batch()),
                            Math.rint(e.positions()),
                            Math.rint(e.taps()),
                            e.small());
            return new Row(whole, percent(forward), percent(backward));
        }

        private static double percent(double logarithm) {
            return Math.rint(logarithm * PERCENT) / PERCENT;
        }
    }

    private static double[] place(Work.Extent extent) {
        return new double[] {
            log2(extent.in()),
            log2(extent.out()),
            GROUPS * log2(extent.groups()),
            COUNTS * log2(extent.batch()),
            COUNTS * log2(extent.positions()),
            log2(extent.taps()),
            extent.small() ? SMALL : 0
        };
    }

    private static double log2(double value) {
        return Math.log(Math.max(1, value)) / Math.log(2);
    }

    /** The steps that were timed. */
    public List<Row> rows() {
        return rows;
    }

    /**
     * Rows that lie next to each other become one, with their mean: less to store and less noise.
     */
    public static Neighbours thinned(List<Row> rows) {
        List<Row> kept = new ArrayList<>();
        List<double[]> places = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (Row row : rows) {
            double[] place = place(row.extent());
            int near = 0;
            while (near < kept.size() && distance(place, places.get(near)) >= SAME_RADIUS_SQUARED) {
                near++;
            }
            if (near == kept.size()) {
                kept.add(row);
                places.add(place);
                counts.add(1);
                continue;
            }
            int count = counts.get(near);
            Row mean = kept.get(near);
            kept.set(
                    near,
                    new Row(
                            mean.extent(),
                            (count * mean.forward() + row.forward()) / (count + 1),
                            (count * mean.backward() + row.backward()) / (count + 1)));
            counts.set(near, count + 1);
        }
        return new Neighbours(kept.stream().map(Row::rounded).toList());
    }

    /** What to multiply the time of a rate by. */
    public double correction(Work.Extent extent, boolean backward) {
        return Math.exp(logarithm(extent, backward, null));
    }

    /** The logarithm of the correction from all rows but those of this very extent. */
    public double without(Work.Extent extent, boolean backward) {
        return logarithm(extent, backward, extent);
    }

    private double logarithm(Work.Extent extent, boolean backward, Work.Extent without) {
        double[] place = place(extent);
        double sum = 0;
        double weights = TRUST;
        for (int n = 0; n < places.length; n++) {
            double distance = distance(place, places[n]);
            if (distance < NEIGHBOUR_RADIUS_SQUARED && !rows.get(n).extent().equals(without)) {
                double weight = Math.exp(-distance / 2);
                weights += weight;
                sum += weight * (backward ? rows.get(n).backward() : rows.get(n).forward());
            }
        }
        return sum / weights;
    }

    private static double distance(double[] one, double[] other) {
        double sum = 0;
        for (int axis = 0; axis < AXES && sum < NEIGHBOUR_RADIUS_SQUARED; axis++) {
            double step = (one[axis] - other[axis]) / REACH;
            sum += step * step;
        }
        return sum;
    }

    /** Reads what {@link #toString()} wrote. */
    public static Neighbours parse(String key, String text) {
        List<Row> rows = new ArrayList<>();
        for (String row : text.isBlank() ? new String[0] : text.split(";", -1)) {
            double[] numbers =
                    Coefficients.parse(
                            key,
                            row,
                            COLUMNS,
                            "rows of nine numbers (channels in, channels out, groups, batch,"
                                    + " positions, taps, small, two logarithms)");
            for (int n = 0; n < COLUMNS; n++) {
                boolean logarithm = n >= COLUMNS - 2;
                if (logarithm ? Math.abs(numbers[n]) > MOST_LOGARITHM : numbers[n] < 0) {
                    throw new IllegalArgumentException(
                            "\""
                                    + key
                                    + "\" has a row with a size below 0 or a logarithm beyond "
                                    + MOST_LOGARITHM
                                    + ": "
                                    + row);
                }
            }
            if (rows.size() == MOST_ROWS) {
                throw new IllegalArgumentException(
                        "\"" + key + "\" has more than " + MOST_ROWS + " rows");
            }
            Work.Extent extent =
                    new Work.Extent(
                            numbers[0],
                            numbers[1],
                            numbers[2],
                            numbers[3],
                            numbers[4],
                            numbers[5],
                            numbers[6] != 0);
            rows.add(new Row(extent, numbers[7], numbers[8]));
        }
        return new Neighbours(rows);
    }

    /**
     * One row after another, exactly: in, out, groups, batch, positions, taps, small, forward,
     * backward.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            Work.Extent e = row.extent();
            text.append(text.isEmpty() ? "" : ";");
            for (double size :
                    new double[] {
                        e.in(), e.out(), e.groups(), e.batch(), e.positions(), e.taps()
                    }) {
                text.append(brief(size)).append(' ');
            }
            text.append(e.small() ? 1 : 0).append(' ');
            text.append(brief(row.forward())).append(' ').append(brief(row.backward()));
        }
        return text.toString();
    }

    /** The shortest text that is read as the same number. */
    private static String brief(double number) {
        boolean whole = number == Math.rint(number) && Math.abs(number) < MOST_WHOLE;
        return whole ? Long.toString((long) number) : Double.toString(number);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Neighbours that && rows.equals(that.rows);
    }

    @Override
    public int hashCode() {
        return rows.hashCode();
    }
}
