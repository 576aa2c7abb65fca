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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The parameters of one model, which are updated together. */
final class SlotGroup implements AutoCloseable {

    private final NDManager manager;

    /** Parameters that are updated together for a trainer that asks for one by one. */
    private final Set<Slot> known = new LinkedHashSet<>();

    /** Parameters that were updated alone, with the version of their gradients after that. */
    private final Map<Slot, Long> alone = new LinkedHashMap<>();

    /** Parameters that the step has updated and nobody has asked for yet. */
    private final Set<Slot> waiting = new LinkedHashSet<>();

    private List<Slot> members = List.of();
    private List<FlatParameters> flats = List.of();

    /**
     * Creates a group.
     *
     * @param owner the manager of the parameters
     */
    SlotGroup(NDManager owner) {
        manager = owner.newSubManager();
        manager.setName("optimizer");
    }

    /** Makes what is remembered of a new parameter: nothing. */
    NDArray zeros(NDArray weight) {
        Device device = weight.getDevice();
        NDManager place =
                device.equals(manager.getDevice()) ? manager : manager.newSubManager(device);
        return place.zeros(weight.getShape(), weight.getDataType());
    }

    /** Copies what is remembered to where a parameter is. */
    NDArray copy(NDArray state, NDArray weight) {
        // Not by copyTo, which lends memory of Java.
        NDArray copy = state.toDevice(weight.getDevice(), true);
        copy.attach(manager);
        return copy;
    }

    /** Parameters that the step has updated and nobody has asked for yet. */
    Set<Slot> waiting() {
        return waiting;
    }

    /** Whether a parameter that is asked for was updated with others already. */
    boolean takeWaiting(Slot slot) {
        return waiting.remove(slot);
    }

    /** Whether a parameter is the first that a trainer asks for in a step. */
    boolean startsStep(Slot slot) {
        return known.contains(slot) || (known.isEmpty() && alone.containsKey(slot));
    }

    /** Remembers that a parameter was updated alone. */
    void updatedAlone(Slot slot) {
        alone.put(slot, GradientVersion.of(slot.weight()));
    }

    /**
     * Returns the parameters to be updated together when a trainer asks for the first one. One that
     * was updated alone joins the others if a backward pass has reached it since: else that was in
     * the same step.
     */
    List<Slot> startStep(Slot first) {
        known.removeIf(slot -> slot.isClosed() || !slot.weight().hasGradient());
        alone.keySet().removeIf(slot -> slot.isClosed() || !slot.weight().hasGradient());
        known.add(first);
        alone.remove(first);
        alone.entrySet()
                .removeIf(
                        entry -> {
                            long version = GradientVersion.of(entry.getKey().weight());
                            return version != entry.getValue() && known.add(entry.getKey());
                        });
        List<Slot> all = List.copyOf(known);
        waiting.addAll(all);
        waiting.remove(first);
        return all;
    }

    /**
     * Lays the parameters out one after the other, unless they lie so already.
     *
     * @param slots the parameters
     * @param rate their rates; equal ones come to lie together
     */
    void layOut(
            List<Slot> slots,
            ToDoubleFunction<Slot> rate,
            UpdateRule rule,
            GradientRule gradients) {
        if (slots.equals(members) && flats.stream().allMatch(FlatParameters::isWhole)) {
            return;
        }
        flats.forEach(flat -> flat.release(manager));
        flats.forEach(FlatParameters::close);
        flats = List.of();
        Map<Pair<Device, DataType>, List<Slot>> kinds = new LinkedHashMap<>();
        for (Slot slot : slots) {
            NDArray weight = slot.weight();
            kinds.computeIfAbsent(
                            new Pair<>(weight.getDevice(), weight.getDataType()),
                            k -> new ArrayList<>())
                    .add(slot);
        }
        List<FlatParameters> made = new ArrayList<>();
        for (List<Slot> kind : kinds.values()) {
            kind.sort(Comparator.comparingDouble(rate));
            made.add(new FlatParameters(manager, rule, gradients, kind));
        }
        flats = made;
        members = List.copyOf(slots);
    }

    List<FlatParameters> flats() {
        return flats;
    }

    @Override
    public void close() {
        manager.close();
    }
}
