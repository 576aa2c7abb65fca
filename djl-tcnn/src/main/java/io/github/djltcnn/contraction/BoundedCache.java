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
package io.github.djltcnn.contraction;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * A map for any number of threads that forgets the oldest entries beyond a number of them, so that
 * a service whose inputs have ever new shapes does not grow.
 */
final class BoundedCache<K, V> {

    private final int most;
    private final Map<K, V> values = new ConcurrentHashMap<>();
    private final Queue<K> order = new ConcurrentLinkedQueue<>();

    BoundedCache(int most) {
        this.most = most;
    }

    /** The value of a key, made where there is none; by one thread if several ask. */
    V get(K key, Function<K, V> make) {
        V known = values.get(key);
        if (known != null) {
            return known;
        }
        V value =
                values.computeIfAbsent(
                        key,
                        fresh -> {
                            order.add(fresh);
                            return make.apply(fresh);
                        });
        forget();
        return value;
    }

    void put(K key, V value) {
        if (values.put(key, value) == null) {
            order.add(key);
            forget();
        }
    }

    int size() {
        return values.size();
    }

    private void forget() {
        while (values.size() > most) {
            K oldest = order.poll();
            if (oldest == null) {
                return;
            }
            values.remove(oldest);
        }
    }
}
