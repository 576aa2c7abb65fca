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

import java.util.Locale;

/**
 * How far a compression is.
 *
 * @param stage what it is at
 * @param share the share of the whole work that is done, from 0 to 1
 * @param secondsLeft the seconds that are left, as far as can be told; at least 0
 * @since 0.1.0
 */
public record CompressionProgress(CompressionStage stage, double share, double secondsLeft) {

    /** Returns the numbers as {@code decompose, 34 %, 12 s left}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%s, %.0f %%, %.0f s left", stage, 100 * share, secondsLeft);
    }
}
