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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/**
 * A map for any number of threads that forgets the oldest entries beyond a number of them, so that
 * a service whose inputs have ever new shapes does not grow. A value is made by the thread that
 * asks first; threads that ask for the same wait for it, threads that ask for others do not.
 */
final class BoundedCache<K, V> {

    private final int most;
    private final Map<K, FutureTask<V>> values = new ConcurrentHashMap<>();
    private final Queue<K> order = new ConcurrentLinkedQueue<>();

    BoundedCache(int most) {
        this.most = most;
    }

    /** The value of a key, or null where there is none yet. */
    V peek(K key) {
        FutureTask<V> task = values.get(key);
        return task != null && task.isDone() ? await(task) : null;
    }

    /** The value of a key, made where there is none. What making it throws is thrown to all. */
    V get(K key, Function<K, V> make) {
        FutureTask<V> task = values.get(key);
        if (task == null) {
            FutureTask<V> fresh = new FutureTask<>(() -> make.apply(key));
            task = values.putIfAbsent(key, fresh);
            if (task == null) {
                run(key, fresh);
                task = fresh;
            }
        }
        return await(task);
    }

    private void run(K key, FutureTask<V> task) {
        task.run();
        try {
            await(task);
        } catch (RuntimeException | Error e) {
            values.remove(key, task);
            throw e;
        }
        order.add(key);
        forget();
    }

    void put(K key, V value) {
        FutureTask<V> task = new FutureTask<>(() -> value);
        task.run();
        if (values.put(key, task) == null) {
            order.add(key);
            forget();
        }
    }

    int size() {
        return values.size();
    }

    /** The number of keys in the order of their age. */
    int numOrdered() {
        return order.size();
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

    private static <V> V await(FutureTask<V> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
