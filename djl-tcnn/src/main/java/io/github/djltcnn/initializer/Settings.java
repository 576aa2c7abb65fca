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
package io.github.djltcnn.initializer;

import java.util.Locale;
import java.util.Objects;

/** What a {@link TensorialInitializer} was told; the seed may be null. */
record Settings(
        FanMode fanMode,
        FanCount fanCount,
        Gain gain,
        Distribution distribution,
        Split split,
        Scale scale,
        Mirroring mirroring,
        Long seed) {

    Settings {
        Objects.requireNonNull(fanMode, "fanMode");
        Objects.requireNonNull(fanCount, "fanCount");
        Objects.requireNonNull(gain, "gain");
        Objects.requireNonNull(distribution, "distribution");
        Objects.requireNonNull(split, "split");
        Objects.requireNonNull(scale, "scale");
        Objects.requireNonNull(mirroring, "mirroring");
    }

    static Settings of(FanMode mode) {
        return new Settings(
                mode,
                FanCount.NOMINAL,
                Gain.relu(),
                Distribution.ORTHOGONAL,
                Split.EQUAL,
                Scale.EXACT,
                Mirroring.OUTPUTS,
                null);
    }

    Settings withFanCount(FanCount other) {
        return new Settings(fanMode, other, gain, distribution, split, scale, mirroring, seed);
    }

    Settings withGain(Gain other) {
        return new Settings(fanMode, fanCount, other, distribution, split, scale, mirroring, seed);
    }

    Settings withDistribution(Distribution other) {
        return new Settings(fanMode, fanCount, gain, other, split, scale, mirroring, seed);
    }

    Settings withSplit(Split other) {
        return new Settings(fanMode, fanCount, gain, distribution, other, scale, mirroring, seed);
    }

    Settings withScale(Scale other) {
        return new Settings(fanMode, fanCount, gain, distribution, split, other, mirroring, seed);
    }

    Settings withMirroring(Mirroring other) {
        return new Settings(fanMode, fanCount, gain, distribution, split, scale, other, seed);
    }

    Settings withSeed(long other) {
        return new Settings(fanMode, fanCount, gain, distribution, split, scale, mirroring, other);
    }

    /** Returns the settings in words, as {@code fan in, nominal, gain 2.0, normal, ..}. */
    @Override
    public String toString() {
        String text =
                "fan "
                        + fanMode
                        + ", "
                        + fanCount
                        + ", gain "
                        + gain.variance()
                        + ", "
                        + distribution
                        + ", split "
                        + split
                        + ", scale "
                        + scale
                        + ", mirrored "
                        + mirroring;
        return text.toLowerCase(Locale.ROOT) + (seed == null ? "" : ", seed " + seed);
    }
}
