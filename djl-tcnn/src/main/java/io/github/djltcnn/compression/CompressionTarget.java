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

/**
 * What a compression lowers to a share.
 *
 * @since 0.1.0
 */
public enum CompressionTarget {
    /** The number of parameters of the whole model. */
    PARAMETERS,
    /** The multiply-adds of the whole model. */
    MACS,
    /** The time that a prediction of the whole model takes on this machine. */
    TIME;

    /** The rule of ranks. */
    Rank rank(double share) {
        return switch (this) {
            case PARAMETERS -> Rank.targetParameters(share);
            case MACS -> Rank.targetMacs(share);
            case TIME -> Rank.targetTime(share);
        };
    }

    /** The word for reports. */
    String word() {
        return switch (this) {
            case PARAMETERS -> "parameters";
            case MACS -> "multiply-adds";
            case TIME -> "time";
        };
    }
}
