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
package io.github.djltcnn.decomposition;

import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.internal.FittedRule;

/**
 * The best of several formats for one kernel: that of the fewest parameters where the rank bounds
 * the error, that of the least error otherwise.
 */
final class BestFormat {

    private BestFormat() {}

    static Decomposition of(
            Decomposer decomposer, double[] kernel, KernelSpec spec, TensorFormat format) {
        boolean bounded =
                format.rank().fitted().map(FittedRule::kind).orElse(null) == FittedRule.Kind.ERROR;
        Decomposition best = null;
        IllegalArgumentException refusal = null;
        for (TensorFormat candidate : format.candidates()) {
            try {
                Decomposition found = decomposer.decompose(kernel, spec, candidate);
                if (best == null || cost(found, bounded) < cost(best, bounded)) {
                    best = found;
                }
            } catch (IllegalArgumentException e) {
                refusal = e; // it does not fit this layer; another may
            }
        }
        if (best == null) {
            throw refusal;
        }
        return best;
    }

    private static double cost(Decomposition found, boolean bounded) {
        return bounded ? (double) found.network().parameterCount() : found.relativeError();
    }
}
