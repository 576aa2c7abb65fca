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
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.LocalParameterServer;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import io.github.djltcnn.blocks.internal.BlockTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/**
 * An optimizer that updates all parameters of a model in one call, made by {@link FusedOptimizers}.
 * It stands where any {@link Optimizer} of DJL does, and gives the same numbers.
 *
 * <p>DJL asks for one update per parameter. The first update of a step, asked for by DJL's {@link
 * ai.djl.training.Trainer}, is taken as that of all parameters of the model that were updated
 * before; the others then find nothing to do. A {@link FusedTrainer} does not even ask for them.
 * Parameters on several devices, and updates that somebody else asks for, are done one by one.
 * Parameters that are frozen, or trained from later on, are noticed.
 *
 * <p>The parameters of a model come to lie in one piece of memory, and so do their gradients and
 * what is remembered of them. The arrays stay the same objects, but a view of one that was made
 * before the first step no longer shows its numbers.
 *
 * <p>What is remembered between steps belongs to the manager of the parameters: it is freed with
 * the model, or by {@link #close()}. It can be read and set by name, for checkpoints, by {@link
 * #state} and {@link #setState}.
 *
 * @since 0.1.0
 */
public final class FusedOptimizer extends Optimizer implements AutoCloseable {

    private static final StackWalker STACK =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final UpdateRule rule;
    private final GradientRule gradients;
    private final ParameterTracker tracker;
    private final int begin;
    private final Map<String, Map<Device, Slot>> slots = new HashMap<>();
    private final Map<NDManager, SlotGroup> groups = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private int updates;
    private boolean isClosed;

    /**
     * Creates an optimizer.
     *
     * @param builder what DJL's base class reads
     * @param rule the rule, given the weight decay
     * @param clipNorm the bound of the norm of all gradients, 0 for none
     * @param tracker the learning rates
     * @param begin the number of updates before the first one
     */
    FusedOptimizer(
            OptimizerBuilder<?> builder,
            DoubleFunction<UpdateRule> rule,
            float clipNorm,
            ParameterTracker tracker,
            int begin) {
        super(builder);
        this.rule = rule.apply(getWeightDecay());
        this.gradients = new GradientRule(rescaleGrad, clipGrad, clipNorm);
        this.tracker = tracker;
        this.begin = begin;
    }

    /**
     * Updates one parameter, or all of its model; see above.
     *
     * @param parameterId the parameter
     * @param weight its array
     * @param grad its gradient; when all parameters are updated, each one's own gradient is used
     * @throws IllegalStateException if the optimizer is closed, if it bounds the norm of all
     *     gradients together, for which it needs a {@link FusedTrainer}, or if a trainer did not
     *     ask for an update of each parameter in the last step
     * @throws IllegalArgumentException if the gradient is sparse, or a rate is not finite
     */
    @Override
    public synchronized void update(String parameterId, NDArray weight, NDArray grad) {
        checkOpen();
        if (gradients.needsNorm()) {
            throw new IllegalStateException(
                    "optClipNorm bounds the norm of all gradients together, and this trainer hands"
                            + " them over one by one; train with FusedTrainer.of(model, config)");
        }
        if (grad.isSparse()) {
            throw new IllegalArgumentException(
                    "The gradient of "
                            + weight.getName()
                            + " is sparse; FusedOptimizers take dense ones: build the embedding"
                            + " with optSparseGrad(false), or use an optimizer of DJL");
        }
        SlotGroup group = group(weight.getManager());
        Slot slot = slot(parameterId, weight, group);
        if (group.takeWaiting(slot)) {
            return;
        }
        boolean alone =
                slots.get(parameterId).size() > 1
                        || STACK.getCallerClass() != LocalParameterServer.class;
        if (alone) {
            updateAlone(slot, grad);
        } else if (group.startsStep(slot)) {
            checkAllAsked(group);
            run(group, group.startStep(slot));
        } else {
            updateAlone(slot, grad);
            group.updatedAlone(slot);
        }
    }

    private void checkAllAsked(SlotGroup group) {
        if (!group.waiting().isEmpty()) {
            Slot missing = group.waiting().iterator().next();
            throw new IllegalStateException(
                    group.waiting().size()
                            + " parameters, such as \""
                            + missing.weight().getName()
                            + "\" of shape "
                            + missing.weight().getShape()
                            + ", were updated with the others in the last step, but the trainer did"
                            + " not ask for it; freeze parameters that are not trained, or build an"
                            + " optimizer for every model and every set of parameters");
        }
    }

    private void updateAlone(Slot slot, NDArray grad) {
        double[] rates = rates(slot, updateCount(slot.id()));
        try (NDArray gradient = gradients.prepare(grad)) {
            rule.update(slot.weight(), gradient, slot.states(), rates);
        }
    }

    /**
     * Updates parameters in one call.
     *
     * @param parameters the parameters, initialised, each once
     * @param owner the manager of the model
     * @param first whether to refuse gradients that all are zero
     */
    synchronized void step(List<Parameter> parameters, NDManager owner, boolean first) {
        checkOpen();
        SlotGroup group = group(owner);
        List<Slot> all = new ArrayList<>(parameters.size());
        for (Parameter parameter : parameters) {
            all.add(slot(parameter.getId(), parameter.getArray(), group));
        }
        if (first) {
            layOut(group, all);
            if (group.flats().stream().noneMatch(FlatParameters::hasGradients)) {
                throw new IllegalStateException(
                        "All gradients are zero; call backward(loss) of the gradient collector"
                                + " before step()");
            }
        }
        run(group, all);
    }

    private void layOut(SlotGroup group, List<Slot> all) {
        group.layOut(
                all, slot -> tracker.getNewValue(slot.id(), Math.max(1, updates)), rule, gradients);
    }

    private void run(SlotGroup group, List<Slot> all) {
        layOut(group, all);
        double factor = 1;
        if (gradients.needsNorm()) {
            factor =
                    gradients.factor(
                            group.flats().stream().mapToDouble(FlatParameters::squares).sum());
        }
        all.forEach(slot -> updateCount(slot.id()));
        for (FlatParameters flat : group.flats()) {
            List<double[]> rates = new ArrayList<>(flat.slots().size());
            for (Slot slot : flat.slots()) {
                rates.add(rates(slot, updates));
            }
            flat.step(rates, factor);
        }
    }

    private double[] rates(Slot slot, int count) {
        float rate = tracker.getNewValue(slot.id(), count);
        if (!Float.isFinite(rate)) {
            throw new IllegalArgumentException(
                    "The learning rate of update "
                            + count
                            + " is "
                            + rate
                            + "; look at the tracker");
        }
        return rule.rates(rate, count);
    }

    @Override
    protected int updateCount(String parameterId) {
        int count = counts.merge(parameterId, begin + 1, (old, first) -> old + 1);
        updates = Math.max(updates, count);
        return updates;
    }

    private SlotGroup group(NDManager owner) {
        SlotGroup group = groups.get(owner);
        if (group == null) {
            groups.keySet().removeIf(manager -> !manager.isOpen());
            slots.values().forEach(of -> of.values().removeIf(Slot::isClosed));
            group = new SlotGroup(owner);
            groups.put(owner, group);
        }
        return group;
    }

    /** What is known of a parameter on the device of an array, which may be a new one. */
    private Slot slot(String id, NDArray weight, SlotGroup group) {
        Map<Device, Slot> of = slots.computeIfAbsent(id, k -> new LinkedHashMap<>());
        Slot slot = of.get(weight.getDevice());
        if (slot != null && slot.weight() == weight) {
            return slot;
        }
        of.values().removeIf(Slot::isClosed);
        List<NDArray> states = new ArrayList<>();
        for (int n = 0; n < rule.states().size(); n++) {
            int kind = n;
            states.add(
                    of.values().stream()
                            .map(other -> other.states().get(kind))
                            .filter(state -> state.getShape().equals(weight.getShape()))
                            .findFirst()
                            .map(state -> group.copy(state, weight))
                            .orElseGet(() -> group.zeros(weight)));
        }
        Slot made = new Slot(id, weight, states);
        of.put(weight.getDevice(), made);
        return made;
    }

    /**
     * Returns what is remembered of the parameters of a model. The names are those of the
     * parameters, such as {@code stage1.unit1.body.conv1.core2}, with an ending:
     *
     * <ul>
     *   <li>{@code /updates}: how often it was updated, int64, shape ();
     *   <li>{@code /momentum}: the momentum of SGD, if it has any;
     *   <li>{@code /mean} and {@code /variance}: the moments of Adam and AdamW.
     * </ul>
     *
     * <p>All but the first have the shape and the data type of the parameter. A parameter that was
     * never updated is not there.
     *
     * @param block the model, initialised
     * @param manager the owner of the arrays, which are copies
     * @return the arrays by name, in the order of the parameters
     */
    public synchronized Map<String, NDArray> state(Block block, NDManager manager) {
        Map<String, NDArray> state = new LinkedHashMap<>();
        BlockTree.parameters(block)
                .forEach(
                        (path, parameter) -> {
                            Slot slot = find(parameter);
                            if (slot != null && counts.containsKey(slot.id())) {
                                long count = counts.get(slot.id());
                                state.put(path + "/updates", manager.create(count));
                                for (int n = 0; n < rule.states().size(); n++) {
                                    NDArray copy = slot.states().get(n).duplicate();
                                    copy.attach(manager);
                                    state.put(path + "/" + rule.states().get(n), copy);
                                }
                            }
                        });
        return state;
    }

    private Slot find(Parameter parameter) {
        Map<Device, Slot> of = slots.getOrDefault(parameter.getId(), Map.of());
        return of.values().stream().filter(slot -> !slot.isClosed()).findFirst().orElse(null);
    }

    /**
     * Sets what is remembered of the parameters of a model, so that training goes on as if it had
     * not been interrupted. Parameters without an entry start anew.
     *
     * @param block the model, initialised
     * @param state the arrays by name, as {@link #state} gives them; they are copied
     * @throws IllegalArgumentException if a parameter is not initialised, a name is unknown or
     *     missing, or an array has another shape or data type; nothing is changed then
     */
    public synchronized void setState(Block block, Map<String, NDArray> state) {
        checkOpen();
        Map<String, Parameter> parameters = BlockTree.parameters(block);
        new StateCheck(rule.states()).check(parameters, state);
        parameters.forEach(
                (path, parameter) -> {
                    NDArray count = state.get(path + "/updates");
                    if (count == null) {
                        forget(parameter.getId());
                        return;
                    }
                    NDArray weight = parameter.getArray();
                    SlotGroup group = group(weight.getManager());
                    Slot given = slot(parameter.getId(), weight, group);
                    counts.put(given.id(), Math.toIntExact(count.getLong()));
                    for (Slot slot : slots.get(given.id()).values()) {
                        List<NDArray> arrays = new ArrayList<>();
                        for (String kind : rule.states()) {
                            arrays.add(group.copy(state.get(path + "/" + kind), slot.weight()));
                        }
                        slot.move(null, arrays);
                    }
                });
        updates = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        layOutRestored(parameters);
    }

    /**
     * Lays parameters out as they lay when the state was taken. Sums of products depend on where
     * arrays begin in memory, in the last digit, so a first pass from elsewhere would not be that
     * of the training that goes on.
     */
    private void layOutRestored(Map<String, Parameter> parameters) {
        Map<SlotGroup, List<Slot>> restored = new LinkedHashMap<>();
        for (Parameter parameter : parameters.values()) {
            Map<Device, Slot> of = slots.getOrDefault(parameter.getId(), Map.of());
            if (counts.containsKey(parameter.getId()) && of.size() == 1) {
                Slot slot = of.values().iterator().next();
                restored.computeIfAbsent(group(slot.weight().getManager()), k -> new ArrayList<>())
                        .add(slot);
            }
        }
        restored.forEach(this::layOut);
    }

    private void forget(String id) {
        counts.remove(id);
        for (Slot slot : slots.getOrDefault(id, Map.of()).values()) {
            SlotGroup group = group(slot.weight().getManager());
            slot.move(null, rule.states().stream().map(k -> group.zeros(slot.weight())).toList());
        }
    }

    private void checkOpen() {
        if (isClosed) {
            throw new IllegalStateException("The optimizer is closed");
        }
    }

    /** Frees what is remembered. The parameters keep their numbers. */
    @Override
    public synchronized void close() {
        isClosed = true;
        groups.values().forEach(SlotGroup::close);
        groups.clear();
        slots.clear();
    }
}
