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
package io.github.djltcnn.contraction.internal.search;

import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.runtime.internal.LibtorchQuirks;
import java.util.ArrayList;
import java.util.List;

/**
 * The ways to compute one contraction from one activation, as kinds of steps offer them.
 *
 * <p>Of the modes of an activation, those the tensor lacks are free. A free mode before the
 * channels of a call is part of its batch. Behind the spatial axes, where channels-last has it, it
 * is one more spatial axis with a window of 1: neither needs a copy.
 */
public final class StepOffers {

    /** libtorch convolves over at most so many spatial axes. */
    private static final int MAX_AXES = 3;

    private final StepOptions options;
    private final SpatialSchedule schedule;
    private final ScoredContraction scored;
    private final ActivationContraction contraction;
    private final ActivationLayout now;
    private final List<Integer> free;
    private final List<Integer> groups;
    private final List<Integer> summed;
    private final List<StepOption> added = new ArrayList<>();
    private ActivationLayout first;
    private List<ActivationLayout> last;
    private List<ActivationLayout> product;

    StepOffers(
            StepOptions options,
            SpatialSchedule schedule,
            ScoredContraction scored,
            ActivationLayout now) {
        this.options = options;
        this.schedule = schedule;
        this.scored = scored;
        this.now = now;
        contraction = scored.contraction();
        List<Integer> modes = now.modes();
        free = ActivationLayout.pick(modes, contraction.free());
        groups = ActivationLayout.pick(modes, contraction.groups());
        summed = ActivationLayout.pick(modes, contraction.summed());
    }

    /** What has been offered, in order. */
    List<StepOption> added() {
        return added;
    }

    /** What is to be computed. */
    public ActivationContraction contraction() {
        return contraction;
    }

    /** How the activation lies before. */
    public ActivationLayout now() {
        return now;
    }

    /** The free modes that lie behind the spatial axes of a source. */
    public List<Integer> extra(ActivationLayout source) {
        return ActivationLayout.pick(source.trail(), contraction.free());
    }

    /**
     * Adds a way: a copy into the order that the step reads, unless the activation lies so, and the
     * step.
     *
     * @param source the order of axes that the step reads
     * @param operation what the cost model knows it as
     * @param result the order of axes that it leaves
     */
    public void add(ActivationLayout source, Operation operation, ActivationLayout result) {
        Work copy = options.copy(now, source, contraction.before());
        added.add(new StepOption(source, copy, scored.work(operation), result));
    }

    /** The order of axes from which a call computes whose channels lie before the axes. */
    public ActivationLayout channelsFirst() {
        if (first == null) {
            List<Integer> wanted = ActivationLayout.concat(free, groups, summed);
            // A 1x1 convolution takes whatever free modes lie behind its channels for positions.
            boolean ready =
                    contraction.isPointwise()
                            ? areFree(now.trail()) && isBlock(now.lead(), groups, summed)
                            : now.trail().isEmpty() && now.lead().equals(wanted);
            first = ready ? now : ActivationLayout.first(wanted);
        }
        return first;
    }

    /** What such a call leaves: the new modes in place of those that are contracted. */
    public ActivationLayout channelsFirstResult(List<Integer> fresh) {
        List<Integer> inside = ActivationLayout.concat(groups, fresh);
        List<Integer> lead = new ArrayList<>();
        boolean done = false;
        for (int mode : channelsFirst().lead()) {
            if ((contraction.free() >> mode & 1) != 0) {
                lead.add(mode);
            } else if (!done) {
                lead.addAll(inside);
                done = true;
            }
        }
        if (!done) {
            lead.addAll(inside);
        }
        return new ActivationLayout(lead, channelsFirst().trail());
    }

    /** The orders of axes from which a convolution computes whose channels lie last. */
    public List<ActivationLayout> channelsLast() {
        if (last == null) {
            boolean oneChannel = groups.isEmpty() && summed.isEmpty();
            boolean unsafe =
                    LibtorchQuirks.breaksChannelsLast(
                            oneChannel ? 1 : 2,
                            schedule.hasDeadWindows(),
                            contraction.call().skipsPositions());
            last =
                    unsafe || schedule.numAxes() == 0
                            ? List.of()
                            : lastSources(schedule.numAxes() < MAX_AXES);
        }
        return last;
    }

    /** The orders of axes from which one matrix product computes, whose channels lie last. */
    public List<ActivationLayout> matrix() {
        if (product == null) {
            product = lastSources(true);
        }
        return product;
    }

    /** What a call leaves whose channels lie last. */
    public ActivationLayout channelsLastResult(ActivationLayout source, List<Integer> fresh) {
        return new ActivationLayout(
                source.lead(), ActivationLayout.concat(extra(source), groups, fresh));
    }

    private List<ActivationLayout> lastSources(boolean room) {
        List<Integer> extra = extra(now);
        List<Integer> wanted = ActivationLayout.concat(extra, groups, summed);
        if (areFree(now.lead()) && now.trail().equals(wanted) && (extra.isEmpty() || room)) {
            return List.of(now);
        }
        List<ActivationLayout> sources = new ArrayList<>();
        List<Integer> channels = ActivationLayout.concat(groups, summed);
        sources.add(new ActivationLayout(free, channels));
        if (!free.isEmpty() && room) {
            sources.add(ActivationLayout.last(ActivationLayout.concat(free, channels)));
        }
        return sources;
    }

    /** Whether the groups lie side by side, all before or all behind the spatial axes. */
    public boolean groupsAreABlock() {
        List<Integer> lead = ActivationLayout.pick(now.lead(), contraction.groups());
        List<Integer> trail = ActivationLayout.pick(now.trail(), contraction.groups());
        if (lead.isEmpty()) {
            return isBlock(now.trail(), trail, ActivationLayout.NONE);
        }
        return trail.isEmpty() && isBlock(now.lead(), lead, ActivationLayout.NONE);
    }

    private boolean areFree(List<Integer> modes) {
        return (ActivationLayout.set(modes) & ~contraction.free()) == 0;
    }

    /** Whether groups and then summed modes are one block of a list. */
    private static boolean isBlock(
            List<Integer> modes, List<Integer> groups, List<Integer> summed) {
        List<Integer> block = ActivationLayout.concat(groups, summed);
        for (int start = 0; start + block.size() <= modes.size(); start++) {
            if (modes.subList(start, start + block.size()).equals(block)) {
                return true;
            }
        }
        return false;
    }
}
