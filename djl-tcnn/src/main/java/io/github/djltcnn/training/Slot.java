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
package io.github.djltcnn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.util.NativeResource;
import java.util.ArrayList;
import java.util.List;

/** A parameter on one device, with what its optimizer remembers of it. */
final class Slot {

    private final String id;
    private final NDArray weight;
    private final List<NDArray> states;
    private FlatParameters place;
    private Object handle;

    /**
     * Creates a slot.
     *
     * @param id the identity of the parameter
     * @param weight its array
     * @param states what is remembered, owned by the slot
     */
    Slot(String id, NDArray weight, List<NDArray> states) {
        this.id = id;
        this.weight = weight;
        this.states = new ArrayList<>(states);
    }

    String id() {
        return id;
    }

    NDArray weight() {
        return weight;
    }

    List<NDArray> states() {
        return states;
    }

    /**
     * Says where the parameter lies now.
     *
     * @param flat where, or null
     * @param arrays the states there, with the same numbers as before
     */
    void move(FlatParameters flat, List<NDArray> arrays) {
        List<NDArray> old = List.copyOf(states);
        states.clear();
        states.addAll(arrays);
        old.forEach(NDArray::close);
        place = flat;
        handle = handle(weight);
    }

    /** Whether the parameter lies there, and DJL did not put another tensor into its array. */
    boolean isAt(FlatParameters flat) {
        return place == flat && !isClosed() && handle(weight).equals(handle);
    }

    boolean isClosed() {
        return weight instanceof NativeResource<?> array && array.isReleased();
    }

    private static Object handle(NDArray array) {
        return array instanceof NativeResource<?> resource ? resource.getHandle() : array;
    }
}
