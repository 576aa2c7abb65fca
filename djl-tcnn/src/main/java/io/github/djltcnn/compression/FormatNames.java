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

import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The formats by the names that people type. */
final class FormatNames {

    /** The name that leaves the choice to the compression. */
    static final String AUTO = "auto";

    private static final Map<String, Function<Rank, TensorFormat>> FORMATS = new LinkedHashMap<>();

    static {
        FORMATS.put("cp", TensorFormats::cp);
        FORMATS.put("cp-joint", TensorFormats::cpJoint);
        FORMATS.put("tucker2", TensorFormats::tucker2);
        FORMATS.put("htk2", TensorFormats::hyperTucker2);
        FORMATS.put("tt", TensorFormats::tensorTrain);
        FORMATS.put("ttm", TensorFormats::tensorTrainMatrix);
        FORMATS.put("tr", TensorFormats::tensorRing);
        FORMATS.put("channels", rank -> TensorFormats.graph("i h w r, r o", rank));
        FORMATS.put("axes", rank -> TensorFormats.graph("i h r, r w o", rank));
    }

    private FormatNames() {}

    /** Finds a format, or what {@link #AUTO} stands for. */
    static Function<Rank, TensorFormat> of(String name, CompressionTarget target) {
        String key = name.strip().toLowerCase(Locale.ROOT);
        if (key.equals(AUTO)) {
            return target == CompressionTarget.TIME ? FormatNames::quick : FormatNames::small;
        }
        Function<Rank, TensorFormat> format = FORMATS.get(key);
        if (format == null) {
            throw new IllegalArgumentException(
                    "There is no format \""
                            + name
                            + "\"; there are "
                            + AUTO
                            + ", "
                            + String.join(", ", FORMATS.keySet()));
        }
        return format;
    }

    /** The formats that keep most of a kernel in few parameters. */
    private static TensorFormat small(Rank rank) {
        return TensorFormats.any(TensorFormats.cp(rank), TensorFormats.tucker2(rank));
    }

    /** Few steps, each of them a plain convolution. */
    private static TensorFormat quick(Rank rank) {
        return TensorFormats.any(
                TensorFormats.tucker2(rank),
                TensorFormats.graph("i h w r, r o", rank),
                TensorFormats.graph("i h r, r w o", rank));
    }
}
