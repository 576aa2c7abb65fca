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
import java.util.Objects;
import java.util.function.Function;

/**
 * A format that a user's rule writes. Two are equal if they have one name, one rule object and
 * equal ranks.
 *
 * @param name the name in messages
 * @param rule writes the pattern of a layer
 * @param rank decides the ranks
 */
record CustomFormat(String name, Function<KernelSpec, NetworkPattern> rule, Rank rank)
        implements TensorFormat {

    CustomFormat {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(rank, "rank");
    }

    @Override
    public TensorNetwork network(KernelSpec spec) {
        return rank.assign(pattern(spec), spec.denseParameterCount(), name).toNetwork();
    }

    @Override
    public NetworkPattern pattern(KernelSpec spec) {
        NetworkPattern pattern = rule.apply(spec);
        if (pattern == null) {
            throw new IllegalArgumentException(
                    "The rule of format "
                            + name
                            + " returns null for a kernel of "
                            + spec
                            + "; it returns a pattern, such as NetworkPattern.parse(\"i r, r h w,"
                            + " r o\")");
        }
        return new GraphFormat(pattern, rank).pattern(spec);
    }

    @Override
    public TensorFormat withRank(Rank other) {
        return new CustomFormat(name, rule, other);
    }

    /** Returns name and ranks, as {@code mine(10)}. */
    @Override
    public String toString() {
        return name + "(" + rank + ")";
    }
}
