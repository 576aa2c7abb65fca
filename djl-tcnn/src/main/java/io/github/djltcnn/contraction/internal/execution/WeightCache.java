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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * Weights kept between forward evaluations. Safe for any number of threads; at most {@link #MOST}
 * sets are kept, of different devices, copies of the model, or plans.
 *
 * <p>Weights are dropped when the layer is trained, when told to, and when they are asked for and
 * the cores are found to be other arrays or to hold other numbers.
 */
public final class WeightCache {

    public static final int MOST = 8;

    private static final Cleaner CLEANER = Cleaner.create();

    private final CopyOnWriteArrayList<KeptWeights> kept = new CopyOnWriteArrayList<>();

    /** Creates an empty cache, which is emptied when it is collected. */
    public WeightCache() {
        List<KeptWeights> entries = kept;
        CLEANER.register(this, () -> entries.forEach(KeptWeights::retire));
    }

    /** Applies a function to the weights that a program computes from the cores. */
    public NDArray with(
            WeightProgram program, NDList cores, Function<List<NDArray>, NDArray> evaluation) {
        while (true) {
            KeptWeights entry = find(program, cores, Fingerprint.of(cores));
            List<NDArray> weights = entry.acquire();
            if (weights != null) {
                try {
                    return evaluation.apply(weights);
                } finally {
                    entry.release();
                }
            }
        }
    }

    private KeptWeights find(WeightProgram program, NDList cores, long fingerprint) {
        for (KeptWeights entry : kept) {
            if (entry.fit(program, cores, fingerprint)) {
                return entry;
            }
        }
        return add(program, cores, fingerprint);
    }

    private synchronized KeptWeights add(WeightProgram program, NDList cores, long fingerprint) {
        for (KeptWeights entry : kept) {
            // Another thread may have been faster.
            if (entry.fit(program, cores, fingerprint)) {
                return entry;
            }
        }
        KeptWeights fresh = new KeptWeights(program, cores, fingerprint);
        for (KeptWeights entry : kept) {
            if (fresh.replaces(entry)) {
                drop(entry);
            }
        }
        while (kept.size() >= MOST) {
            drop(kept.get(0));
        }
        kept.add(fresh);
        return fresh;
    }

    private void drop(KeptWeights entry) {
        kept.remove(entry);
        entry.retire();
    }

    /** The number of sets kept. */
    public int size() {
        return kept.size();
    }

    /** Drops everything. */
    public synchronized void clear() {
        List.copyOf(kept).forEach(this::drop);
    }
}
