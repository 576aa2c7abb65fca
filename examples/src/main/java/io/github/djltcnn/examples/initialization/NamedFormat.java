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
package io.github.djltcnn.examples.initialization;

import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;

/** The formats that are compared, at ranks that suit layers of 16 channels. */
@SuppressWarnings("ImmutableEnumChecker") // formats are immutable
enum NamedFormat {
    CP(TensorFormats.cp(Rank.of(12))),
    TUCKER2(TensorFormats.tucker2(Rank.of(8))),
    HTK2(TensorFormats.hyperTucker2(Rank.of(12))),
    TT(TensorFormats.tensorTrain(Rank.of(5))),
    TTM(TensorFormats.tensorTrainMatrix(Rank.of(5))),
    TR(TensorFormats.tensorRing(Rank.of(5))),
    BTT(TensorFormats.blockTerm(3, Rank.of(4))),
    DENSE(TensorFormats.dense());

    private final TensorFormat format;

    NamedFormat(TensorFormat format) {
        this.format = format;
    }

    TensorFormat format() {
        return format;
    }
}
