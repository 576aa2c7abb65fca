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
import java.util.Locale;

/**
 * What steps of one kind took where they were timed, next to what their {@link Rate} says. No sum
 * of a few terms follows all the ways in which a library tiles and vectorises; the steps nearest in
 * size do. Between and beside them their influence fades, and far from all the rate stands alone.
 */
public final class Neighbours {

    public static final Neighbours NONE = new Neighbours(List.of());

    /** Numbers of a row: the extent, forward and backward. */
    private static final int COLUMNS = 9;

    /** How far apart two sizes may be and still be alike, in octaves of a channel count. */
    private static final double REACH = 0.6;

    /** The weight of the rate, as if it were one more neighbour, a little away. */
    private static final double TRUST = 0.15;

    /** Beyond so many squared reaches a neighbour does not matter. */
    private static final double FAR = 9;

    /** Within so many squared reaches two rows are one. */
    private static final double NEXT = 0.7;

    private static final double GROUPS = 0.7;
    private static final double COUNTS = 0.5;
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
    public record Row(Work.Extent extent, double forward, double backward) {}

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
            while (near < kept.size() && distance(place, places.get(near)) >= NEXT) {
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
        return new Neighbours(kept);
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
            if (distance < FAR && !rows.get(n).extent().equals(without)) {
                double weight = Math.exp(-distance / 2);
                weights += weight;
                sum += weight * (backward ? rows.get(n).backward() : rows.get(n).forward());
            }
        }
        return sum / weights;
    }

    private static double distance(double[] one, double[] other) {
        double sum = 0;
        for (int axis = 0; axis < AXES && sum < FAR; axis++) {
            double step = (one[axis] - other[axis]) / REACH;
            sum += step * step;
        }
        return sum;
    }

    /** Reads what {@link #toString()} wrote. */
    public static Neighbours parse(String key, String text) {
        List<Row> rows = new ArrayList<>();
        for (String row : text.isBlank() ? new String[0] : text.split(";", -1)) {
            String[] parts = row.trim().split("\\s+", -1);
            if (parts.length != COLUMNS) {
                throw new IllegalArgumentException(
                        "\"" + key + "\" has a row that is not nine numbers: " + row);
            }
            double[] numbers = new double[COLUMNS];
            for (int n = 0; n < COLUMNS; n++) {
                try {
                    numbers[n] = Double.parseDouble(parts[n]);
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "\"" + key + "\" has something else than numbers: " + row, e);
                }
                if (!Double.isFinite(numbers[n])) {
                    throw new IllegalArgumentException(
                            "\"" + key + "\" has a number that is not finite: " + row);
                }
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

    /** One row after another: in, out, groups, batch, positions, taps, small, forward, backward. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            Work.Extent e = row.extent();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%s%.0f %.0f %.0f %.0f %.0f %.0f %d %.2f %.2f",
                            text.isEmpty() ? "" : ";",
                            e.in(),
                            e.out(),
                            e.groups(),
                            e.batch(),
                            e.positions(),
                            e.taps(),
                            e.small() ? 1 : 0,
                            row.forward(),
                            row.backward()));
        }
        return text.toString();
    }
}
