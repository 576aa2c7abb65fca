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

import io.github.djltcnn.algebra.internal.ContractionTree;
import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.contraction.internal.cost.Scoring;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The cheapest contraction path: with which tensors made of cores the input is contracted one after
 * another, by which operation, in which order of axes. Contracting the whole kernel first is one of
 * the paths.
 *
 * <p>A shortest path over pairs of a set of cores already met and an {@link ActivationLayout}, by
 * A*; the bound on what is still to come is the same search without axes, a dynamic program over
 * sets.
 */
public final class PathSearch {

    private final ModeTable table;
    private final MergeSearch merges;
    private final StepOptions stepOptions;
    private final SpatialSchedule schedule;
    private final Scoring scoring;
    private final PathFilter filter;
    private final int all;
    private final Map<Long, ScoredContraction> contractions = new HashMap<>();

    /** Many contractions are alike, and a score takes longer than looking it up. */
    private final Map<Work, Double> known = new HashMap<>();

    private final double[] bound;

    /** Prepares a search; the bounds are computed here. */
    public PathSearch(
            ModeTable table,
            MergeSearch merges,
            StepOptions stepOptions,
            SpatialSchedule schedule,
            Scoring scoring,
            PathFilter filter) {
        this.filter = filter;
        this.table = table;
        this.merges = merges;
        this.stepOptions = stepOptions;
        this.schedule = schedule;
        this.scoring = scoring;
        all = (1 << merges.numLeaves()) - 1;
        bound = bounds();
    }

    /**
     * One step of a path.
     *
     * @param tensor how its cores are merged
     * @param contraction what becomes of the modes
     * @param option the operation and the order of axes
     */
    public record PathStep(
            ContractionTree tensor, ActivationContraction contraction, StepOption option) {}

    /**
     * A contraction path.
     *
     * @param steps the steps in order
     * @param end the order of axes of the output
     * @param lastCopy the copy into it, or null
     * @param score the score of the path
     */
    public record Path(List<PathStep> steps, ActivationLayout end, Work lastCopy, double score) {

        /** The numbers of the cores of each tensor, ascending within a tensor. */
        public List<List<Integer>> cores() {
            return steps.stream().map(step -> numbers(step.tensor().tensors())).toList();
        }

        private static List<Integer> numbers(long set) {
            return IntStream.range(0, Long.SIZE)
                    .filter(core -> (set >> core & 1) != 0)
                    .boxed()
                    .toList();
        }
    }

    private record Key(int met, ActivationLayout activation) {}

    private record Node(Key key, double score, double estimate, Node from, PathStep step) {}

    /** The cheapest path for an input in a given layout, if the restriction leaves one. */
    public Optional<Path> best(Layout layout) {
        ActivationLayout start = start(table, layout);
        PriorityQueue<Node> open =
                new PriorityQueue<>((a, b) -> Double.compare(a.estimate(), b.estimate()));
        Map<Key, Double> reached = new HashMap<>();
        Set<Key> closed = new HashSet<>();
        open.add(new Node(new Key(0, start), 0, bound[0], null, null));
        Path best = null;
        while (!open.isEmpty()) {
            Node node = open.remove();
            if (best != null && node.estimate() >= best.score()) {
                break;
            }
            if (!closed.add(node.key())) {
                continue;
            }
            if (node.key().met() == all) {
                Path path = finish(node, layout);
                if (best == null || path.score() < best.score()) {
                    best = path;
                }
                continue;
            }
            expand(node, open, reached);
        }
        return Optional.ofNullable(best);
    }

    /** The order of axes of an input. */
    public static ActivationLayout start(ModeTable table, Layout layout) {
        return at(layout, modes(table, Role.GROUP, Role.INPUT));
    }

    private void expand(Node node, PriorityQueue<Node> open, Map<Key, Double> reached) {
        int met = node.key().met();
        int rest = all ^ met;
        for (int next = rest; next != 0; next = (next - 1) & rest) {
            if (!mayContract(met, next)) {
                continue;
            }
            ContractionTree tensor = merges.best(next);
            ScoredContraction scored = contraction(met, next);
            double before = scoring.join(node.score(), tensor.cost());
            for (StepOption option : stepOptions.of(scored, node.key().activation())) {
                Operation operation = option.work().operation();
                if (!filter.allowsOperation(operation)) {
                    continue;
                }
                double score = scoring.join(before, scored.score(operation));
                if (option.copy() != null) {
                    score = scoring.join(score, score(option.copy()));
                }
                Key key = new Key(met | next, option.result());
                if (score < reached.getOrDefault(key, Double.POSITIVE_INFINITY)) {
                    reached.put(key, score);
                    PathStep step = new PathStep(tensor, scored.contraction(), option);
                    open.add(new Node(key, score, estimate(score, met | next), node, step));
                }
            }
        }
    }

    private ScoredContraction contraction(int met, int next) {
        return contractions.computeIfAbsent(
                (long) met << Integer.SIZE | next,
                key -> {
                    ActivationContraction contraction =
                            ActivationContraction.of(
                                    table, schedule, merges.cores(met), merges.cores(next));
                    return new ScoredContraction(
                            contraction, o -> stepOptions.work(contraction, o), this::score);
                });
    }

    private double score(Work work) {
        return known.computeIfAbsent(work, scoring::of);
    }

    private double estimate(double score, int met) {
        return scoring.join(score, bound[met]);
    }

    private boolean mayContract(int met, int next) {
        long cores = merges.cores(next);
        return table.ownsItsKernelModes(cores)
                && filter.allowsContraction(merges.cores(met), cores);
    }

    /** Ends a path in whichever layout is nearer; channels-last goes on as channels-last. */
    private Path finish(Node node, Layout layout) {
        List<Integer> outputs = modes(table, Role.GROUP, Role.OUTPUT);
        long[] spatial = schedule.sizes(table.allCores());
        ActivationLayout reached = node.key().activation();
        Path best = null;
        for (Layout ending : Layout.values()) {
            ActivationLayout end = at(ending, outputs);
            Work copy = stepOptions.copy(reached, end, spatial);
            double score = node.score();
            if (copy != null) {
                score = scoring.join(score, score(copy));
            }
            if (layout == Layout.CHANNELS_LAST && ending == Layout.CHANNELS_FIRST) {
                // The next layer would have to copy it back.
                Work back = stepOptions.copy(end, at(layout, outputs), spatial);
                score = back == null ? score : scoring.join(score, score(back));
            }
            if (best == null || score < best.score()) {
                best = new Path(steps(node), end, copy, score);
            }
        }
        return best;
    }

    private static List<PathStep> steps(Node last) {
        Deque<PathStep> steps = new ArrayDeque<>();
        for (Node node = last; node.step() != null; node = node.from()) {
            steps.addFirst(node.step());
        }
        return new ArrayList<>(steps);
    }

    private static ActivationLayout at(Layout layout, List<Integer> modes) {
        return layout == Layout.CHANNELS_FIRST
                ? ActivationLayout.first(modes)
                : ActivationLayout.last(modes);
    }

    private static List<Integer> modes(ModeTable table, Role... roles) {
        return Arrays.stream(table.ordered(roles)).boxed().toList();
    }

    /** For every set of tensors contracted, the least score of the others in any order of axes. */
    private double[] bounds() {
        double[] least = new double[all + 1];
        for (int met = all - 1; met >= 0; met--) {
            least[met] = Double.POSITIVE_INFINITY;
            int rest = all ^ met;
            for (int next = rest; next != 0; next = (next - 1) & rest) {
                double after = least[met | next];
                if (after >= least[met] || !mayContract(met, next)) {
                    continue;
                }
                double score = scoring.join(after, merges.best(next).cost());
                if (score >= least[met]) {
                    continue;
                }
                ScoredContraction scored = contraction(met, next);
                double step = Double.POSITIVE_INFINITY;
                for (Operation operation : stepOptions.operations(scored.contraction())) {
                    step = Math.min(step, scored.score(operation));
                }
                least[met] = Math.min(least[met], scoring.join(score, step));
            }
        }
        return least;
    }
}
