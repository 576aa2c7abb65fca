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

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * How long one kind of step takes in one direction, as far as its size tells.
 *
 * @param call seconds per call
 * @param mac seconds per multiply-add
 * @param cached seconds per byte
 * @param spilled further seconds per byte beyond the cache
 */
public record Rate(double call, double mac, double cached, double spilled) {

    /**
     * Bytes of one step that stay in cache; what is above counts as spilled. A choice, near the
     * second level of cache of a server's core; what a byte costs on either side is fitted.
     */
    static final double CACHE = 2 << 20;

    /** A coefficient is a time of one call, multiply-add or byte: no more seconds than these. */
    private static final double MOST_SECONDS = 60;

    /** Times are measured to a few percent: more digits than these are noise. */
    private static final MathContext MEASURED = new MathContext(4);

    /** So many coefficients. */
    public static final int SIZE = 4;

    /** What the coefficients are multiplied by. */
    public static double[] factors(double macs, double bytes) {
        return new double[] {1, macs, bytes, Math.max(0, bytes - CACHE)};
    }

    /** The rate of four coefficients, in the order of {@link #factors}. */
    public static Rate of(double... coefficients) {
        return new Rate(coefficients[0], coefficients[1], coefficients[2], coefficients[3]);
    }

    /** Reads what {@link #toString()} wrote. */
    public static Rate parse(String key, String value) {
        double[] coefficients =
                Coefficients.parse(
                        key,
                        value,
                        SIZE,
                        "four numbers (seconds per call, per multiply-add, per byte, per spilled"
                                + " byte)");
        for (double coefficient : coefficients) {
            if (!(coefficient >= 0) || coefficient > MOST_SECONDS) {
                throw new IllegalArgumentException(
                        "\""
                                + key
                                + "\" has a coefficient that is no time of 0 to "
                                + MOST_SECONDS
                                + " seconds: \""
                                + value
                                + '"');
            }
        }
        return of(coefficients);
    }

    /** The seconds of a step of a size. */
    public double seconds(double macs, double bytes) {
        return call + mac * macs + cached * bytes + spilled * Math.max(0, bytes - CACHE);
    }

    /** The rate of a device that takes so many times as long. */
    public Rate times(double factor) {
        return new Rate(call * factor, mac * factor, cached * factor, spilled * factor);
    }

    /** The same with so many significant digits, as they are measured. */
    public Rate rounded() {
        return new Rate(round(call), round(mac), round(cached), round(spilled));
    }

    private static double round(double value) {
        return new BigDecimal(value).round(MEASURED).doubleValue();
    }

    /** The coefficients, exactly. */
    @Override
    public String toString() {
        return call + " " + mac + " " + cached + " " + spilled;
    }
}
