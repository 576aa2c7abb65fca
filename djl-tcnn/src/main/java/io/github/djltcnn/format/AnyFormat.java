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

import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The best of several formats.
 *
 * @param candidates at least two formats of one rank
 */
record AnyFormat(List<TensorFormat> candidates) implements TensorFormat {

    AnyFormat {
        candidates = List.copyOf(candidates);
        List<Rank> ranks = candidates.stream().map(TensorFormat::rank).distinct().toList();
        if (ranks.size() > 1) {
            throw new IllegalArgumentException(
                    "The formats of TensorFormats.any have one rank, got "
                            + ranks
                            + "; give all the same, or set it by withRank");
        }
    }

    @Override
    public String name() {
        return candidates.stream()
                .map(TensorFormat::name)
                .collect(Collectors.joining(", ", "any of ", ""));
    }

    @Override
    public Rank rank() {
        return candidates.get(0).rank();
    }

    @Override
    public TensorFormat withRank(Rank rank) {
        return new AnyFormat(candidates.stream().map(f -> f.withRank(rank)).toList());
    }

    @Override
    public TensorNetwork network(KernelSpec spec) {
        return first(spec, format -> TensorFormats.network(format, spec));
    }

    @Override
    public NetworkPattern pattern(KernelSpec spec) {
        return first(spec, format -> format.pattern(spec));
    }

    private <T> T first(KernelSpec spec, Function<TensorFormat, T> what) {
        IllegalArgumentException refusal = null;
        for (TensorFormat format : candidates) {
            try {
                return what.apply(format);
            } catch (IllegalArgumentException e) {
                refusal = e;
            }
        }
        throw new IllegalArgumentException(
                "None of the formats "
                        + name()
                        + " fits a kernel of "
                        + spec
                        + ": "
                        + refusal.getMessage(),
                refusal);
    }

    /** Returns the formats as {@code any of CP(max), Tucker-2(max)}. */
    @Override
    public String toString() {
        return candidates.stream()
                .map(Object::toString)
                .collect(Collectors.joining(", ", "any of ", ""));
    }
}
