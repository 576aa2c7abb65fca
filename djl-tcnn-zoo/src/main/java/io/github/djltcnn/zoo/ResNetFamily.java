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
package io.github.djltcnn.zoo;

import io.github.djltcnn.format.ChainFormat;
import io.github.djltcnn.format.ChannelPieces;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The families of residual networks in the zoo, one per format.
 *
 * @since 0.1.0
 */
public enum ResNetFamily {
    /** Tensor ring over channel pieces. */
    TR("tr_", "tensor ring") {
        @Override
        TensorFormat format(int rank) {
            return TensorFormats.tensorRing(Rank.of(rank));
        }
    },
    /** Tensor-train matrix, input and output pieces paired place by place. */
    TT("tt_", "tensor-train matrix") {
        @Override
        TensorFormat format(int rank) {
            return TensorFormats.tensorTrainMatrix(Rank.of(rank));
        }
    },
    /** Canonical polyadic, one factor per kernel axis. */
    CP("cp_", "canonical polyadic") {
        @Override
        TensorFormat format(int rank) {
            return TensorFormats.cp(Rank.of(rank));
        }
    },
    /** Tucker-2. */
    TK2("tk2_", "Tucker-2") {
        @Override
        TensorFormat format(int rank) {
            return TensorFormats.tucker2(Rank.of(rank));
        }
    },
    /** Hyper-Tucker-2, its ranks joined into one hyperedge. */
    HTK2("htk2_", "hyper-Tucker-2") {
        @Override
        TensorFormat format(int rank) {
            return TensorFormats.hyperTucker2(Rank.of(rank));
        }
    },
    /** Block-term, four Tucker-2 terms. */
    BT("bt_", "block-term of 4 blocks") {
        @Override
        TensorFormat format(int rank) {
            return TensorFormats.blockTerm(4, Rank.of(rank));
        }
    },
    /** The ordinary network, without ranks. */
    DENSE("", "dense") {
        @Override
        TensorFormat format(int rank) {
            return TensorFormats.dense();
        }
    };

    private final String prefix;
    private final String description;

    ResNetFamily(String prefix, String description) {
        this.prefix = prefix;
        this.description = description;
    }

    /**
     * Returns the artifact id of the family in the model zoo.
     *
     * @return the id, such as {@code tr_resnet}
     */
    public String artifactId() {
        return prefix + "resnet";
    }

    /**
     * Returns the family of an artifact id.
     *
     * @param artifactId the id, such as {@code tr_resnet}
     * @return the family
     * @throws IllegalArgumentException if there is none of that id
     */
    public static ResNetFamily of(String artifactId) {
        return Arrays.stream(values())
                .filter(family -> family.artifactId().equals(artifactId))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "No family \""
                                                + artifactId
                                                + "\" in the zoo; there are "
                                                + Arrays.stream(values())
                                                        .map(ResNetFamily::artifactId)
                                                        .collect(Collectors.joining(", "))));
    }

    /** The format at a rank, its channel pieces as they come. */
    abstract TensorFormat format(int rank);

    /** The format of the body: channels in up to three even pieces, 64 = 4 x 4 x 4. */
    final TensorFormat bodyFormat(int rank) {
        return withPieces(rank, ChannelPieces.even(3), ChannelPieces.even(3));
    }

    /** The format of the first convolution, whose few input channels stay one piece. */
    final TensorFormat stemFormat(int rank) {
        return withPieces(rank, ChannelPieces.whole(), ChannelPieces.even(3));
    }

    /** The format of the last layer, whose classes stay one piece. */
    final TensorFormat headFormat(int rank) {
        return withPieces(rank, ChannelPieces.even(3), ChannelPieces.whole());
    }

    private TensorFormat withPieces(int rank, ChannelPieces input, ChannelPieces output) {
        TensorFormat format = format(rank);
        return format instanceof ChainFormat chain ? chain.withPieces(input, output) : format;
    }

    /** Returns what the family is, in words. */
    @Override
    public String toString() {
        return description;
    }
}
