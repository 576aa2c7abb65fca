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

/**
 * The cheapest way of the input through the cores: which tensors made of cores it meets one after
 * another, by which operation, in which order of axes. Contracting the whole kernel first is one of
 * the ways.
 *
 * <p>A shortest path over pairs of a set of cores already met and an {@link Activation}, by A*; the
 * bound on what is still to come is the same search without axes, a dynamic program over sets.
 */
public final class PathSearch {

    private final ModeTable table;
    private final MergeSearch merges;
    private final Moves moves;
    private final Sliding sliding;
    private final Scoring scoring;
    private final Restriction restriction;
    private final int all;
    private final Map<Long, ScoredMeeting> meetings = new HashMap<>();

    /** Many meetings are alike, and a score takes longer than looking it up. */
    private final Map<Work, Double> known = new HashMap<>();

    private final double[] bound;

    /** Prepares a search; the bounds are computed here. */
    public PathSearch(
            ModeTable table,
            MergeSearch merges,
            Moves moves,
            Sliding sliding,
            Scoring scoring,
            Restriction restriction) {
        this.restriction = restriction;
        this.table = table;
        this.merges = merges;
        this.moves = moves;
        this.sliding = sliding;
        this.scoring = scoring;
        all = (1 << merges.numLeaves()) - 1;
        bound = bounds();
    }

    /**
     * One tensor on the way.
     *
     * @param tensor how its cores are merged
     * @param meeting what becomes of the modes
     * @param move the operation and the order of axes
     */
    public record Hop(Merge tensor, Meeting meeting, Move move) {}

    /**
     * A whole way.
     *
     * @param hops the tensors in order
     * @param end the order of axes of the output
     * @param lastCopy the copy into it, or null
     * @param score the score of the way
     */
    public record Path(List<Hop> hops, Activation end, Work lastCopy, double score) {}

    private record Key(int met, Activation activation) {}

    private record Node(Key key, double score, double estimate, Node from, Hop hop) {}

    /** The cheapest way for an input in a given layout, if the restriction leaves one. */
    public Optional<Path> best(Layout layout) {
        Activation start = start(table, layout);
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
    public static Activation start(ModeTable table, Layout layout) {
        return at(layout, modes(table, Role.GROUP, Role.INPUT));
    }

    private void expand(Node node, PriorityQueue<Node> open, Map<Key, Double> reached) {
        int met = node.key().met();
        int rest = all ^ met;
        for (int next = rest; next != 0; next = (next - 1) & rest) {
            if (!mayMeet(met, next)) {
                continue;
            }
            Merge tensor = merges.best(next);
            ScoredMeeting scored = meeting(met, next);
            double before = scoring.join(node.score(), tensor.cost());
            for (Move move : moves.of(scored, node.key().activation())) {
                Operation operation = move.work().operation();
                if (!restriction.allowsOperation(operation)) {
                    continue;
                }
                double score = scoring.join(before, scored.score(operation));
                if (move.copy() != null) {
                    score = scoring.join(score, score(move.copy()));
                }
                Key key = new Key(met | next, move.result());
                if (score < reached.getOrDefault(key, Double.POSITIVE_INFINITY)) {
                    reached.put(key, score);
                    Hop hop = new Hop(tensor, scored.meeting(), move);
                    open.add(new Node(key, score, estimate(score, met | next), node, hop));
                }
            }
        }
    }

    private ScoredMeeting meeting(int met, int next) {
        return meetings.computeIfAbsent(
                (long) met << Integer.SIZE | next,
                key -> {
                    Meeting meeting =
                            Meeting.of(table, sliding, merges.cores(met), merges.cores(next));
                    return new ScoredMeeting(meeting, o -> moves.work(meeting, o), this::score);
                });
    }

    private double score(Work work) {
        return known.computeIfAbsent(work, scoring::of);
    }

    private double estimate(double score, int met) {
        return scoring.join(score, bound[met]);
    }

    private boolean mayMeet(int met, int next) {
        long cores = merges.cores(next);
        return table.ownsItsKernelModes(cores)
                && restriction.allowsMeeting(merges.cores(met), cores);
    }

    /** Ends a way in whichever layout is nearer; channels-last goes on as channels-last. */
    private Path finish(Node node, Layout layout) {
        List<Integer> outputs = modes(table, Role.GROUP, Role.OUTPUT);
        long[] spatial = sliding.sizes(table.allCores());
        Activation reached = node.key().activation();
        Path best = null;
        for (Layout ending : Layout.values()) {
            Activation end = at(ending, outputs);
            Work copy = moves.copy(reached, end, spatial);
            double score = node.score();
            if (copy != null) {
                score = scoring.join(score, score(copy));
            }
            if (layout == Layout.CHANNELS_LAST && ending == Layout.CHANNELS_FIRST) {
                // The next layer would have to copy it back.
                Work back = moves.copy(end, at(layout, outputs), spatial);
                score = back == null ? score : scoring.join(score, score(back));
            }
            if (best == null || score < best.score()) {
                best = new Path(hops(node), end, copy, score);
            }
        }
        return best;
    }

    private static List<Hop> hops(Node last) {
        Deque<Hop> hops = new ArrayDeque<>();
        for (Node node = last; node.hop() != null; node = node.from()) {
            hops.addFirst(node.hop());
        }
        return new ArrayList<>(hops);
    }

    private static Activation at(Layout layout, List<Integer> modes) {
        return layout == Layout.CHANNELS_FIRST ? Activation.first(modes) : Activation.last(modes);
    }

    private static List<Integer> modes(ModeTable table, Role... roles) {
        return Arrays.stream(table.ordered(roles)).boxed().toList();
    }

    /** For every set of tensors met, the least score of meeting the others in any order of axes. */
    private double[] bounds() {
        double[] least = new double[all + 1];
        for (int met = all - 1; met >= 0; met--) {
            least[met] = Double.POSITIVE_INFINITY;
            int rest = all ^ met;
            for (int next = rest; next != 0; next = (next - 1) & rest) {
                double after = least[met | next];
                if (after >= least[met] || !mayMeet(met, next)) {
                    continue;
                }
                double score = scoring.join(after, merges.best(next).cost());
                if (score >= least[met]) {
                    continue;
                }
                ScoredMeeting scored = meeting(met, next);
                double step = Double.POSITIVE_INFINITY;
                for (Operation operation : Moves.operations(scored.meeting())) {
                    step = Math.min(step, scored.score(operation));
                }
                least[met] = Math.min(least[met], scoring.join(score, step));
            }
        }
        return least;
    }
}
