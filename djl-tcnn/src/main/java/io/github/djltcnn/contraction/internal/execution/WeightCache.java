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
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Weights kept between predictions, one set for each program and each copy of the cores. Safe for
 * any number of threads.
 *
 * <p>A set belongs to its cores: it is closed with the manager that owns them, that is with the
 * model, or with the predictor that copied the cores to another device. It is dropped before when
 * the layer is trained, when told to, when the cores are found to hold other numbers, and, least
 * recently used first, when the sets exceed the limit of bytes.
 */
public final class WeightCache {

    /** More sets than any layer needs: bounds what ever new arrays of one manager leave behind. */
    static final int MAX_SETS = 64;

    private static final Cleaner CLEANER = Cleaner.create();

    private final long maxBytes;
    private final CopyOnWriteArrayList<KeptWeights> kept = new CopyOnWriteArrayList<>();
    private final AtomicLong clock = new AtomicLong();

    /**
     * Creates an empty cache, which is emptied when it is collected.
     *
     * @param maxBytes the bytes that may be kept, 0 to keep nothing
     */
    public WeightCache(long maxBytes) {
        this.maxBytes = maxBytes;
        List<KeptWeights> entries = kept;
        CLEANER.register(this, () -> entries.forEach(KeptWeights::retire));
    }

    /** Applies a function to the weights that a program computes from the cores. */
    public NDArray with(
            WeightProgram program, NDList cores, Function<List<NDArray>, NDArray> evaluation) {
        while (true) {
            KeptWeights entry = find(program, cores);
            List<NDArray> weights = entry.acquire();
            if (weights != null) {
                try {
                    return evaluation.apply(weights);
                } finally {
                    entry.release();
                    if (isTooLarge(entry)) {
                        entry.retire();
                    }
                }
            }
        }
    }

    private boolean isTooLarge(KeptWeights entry) {
        return entry.bytes() > maxBytes;
    }

    private KeptWeights find(WeightProgram program, NDList cores) {
        if (maxBytes == 0) {
            return new KeptWeights(program, cores, 0);
        }
        long fingerprint = Fingerprint.of(cores);
        KeptWeights known = known(program, cores, fingerprint);
        return known == null ? add(program, cores, fingerprint) : known;
    }

    private KeptWeights known(WeightProgram program, NDList cores, long fingerprint) {
        for (KeptWeights entry : kept) {
            if (entry.fit(program, cores, fingerprint)) {
                entry.use(clock.incrementAndGet());
                return entry;
            }
        }
        return null;
    }

    private synchronized KeptWeights add(WeightProgram program, NDList cores, long fingerprint) {
        // Another thread may have been faster.
        KeptWeights known = known(program, cores, fingerprint);
        if (known != null) {
            return known;
        }
        KeptWeights fresh = new KeptWeights(program, cores, fingerprint);
        for (KeptWeights entry : kept) {
            if (fresh.replaces(entry)) {
                drop(kept, entry);
            }
        }
        if (isTooLarge(fresh)) {
            return fresh;
        }
        while (!kept.isEmpty() && (kept.size() >= MAX_SETS || bytes() > maxBytes - fresh.bytes())) {
            drop(kept, oldest());
        }
        fresh.use(clock.incrementAndGet());
        kept.add(fresh);
        // Holds the list and not the cache, which may then be collected before the model is closed.
        List<KeptWeights> entries = kept;
        fresh.attach(() -> drop(entries, fresh));
        return fresh;
    }

    private KeptWeights oldest() {
        return kept.stream().min(Comparator.comparingLong(KeptWeights::lastUse)).orElseThrow();
    }

    private static void drop(List<KeptWeights> entries, KeptWeights entry) {
        entries.remove(entry);
        entry.retire();
    }

    /** Whether there are weights of a program for cores as they are now. */
    public boolean keeps(WeightProgram program, NDList cores) {
        long fingerprint = Fingerprint.of(cores);
        return kept.stream().anyMatch(entry -> entry.fit(program, cores, fingerprint));
    }

    /** The number of sets kept. */
    public int size() {
        return kept.size();
    }

    /** The bytes of all sets kept. */
    public long bytes() {
        return kept.stream().mapToLong(KeptWeights::bytes).sum();
    }

    /** Drops everything. */
    public synchronized void clear() {
        List.copyOf(kept).forEach(entry -> drop(kept, entry));
    }
}
