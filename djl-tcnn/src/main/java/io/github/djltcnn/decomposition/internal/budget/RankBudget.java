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
package io.github.djltcnn.decomposition.internal.budget;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.decomposition.internal.graph.Interruption;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.internal.FittedRule;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.internal.SideBySide;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Ranks for all layers of a model together: {@link Rank#targetMacs}, {@link Rank#targetParameters}
 * and {@link Rank#targetTime}.
 *
 * <p>For every layer a curve of what is lost over cost is made, from dense down to rank 1: from the
 * singular values at the bonds where the format has no cycles, by trial decompositions where it
 * has. What is lost is {@code -log(1 - e^2)}, {@code e} being the relative error, so that the
 * product over all layers of the energy they keep is made large: a signal passes one layer after
 * another, and a layer that keeps next to nothing cannot be made good by the others (Zhang, Zou, He
 * and Sun, "Accelerating very deep convolutional networks for classification and detection", IEEE
 * Trans. Pattern Anal. Mach. Intell. 38, 2016). Of each curve its lower convex hull is taken, and
 * then, of all layers, always the step with the least added loss per cost saved, until the budget
 * is met. On hulls this greedy order is the optimum of the sum, but for the last step (Everett,
 * "Generalized Lagrange multiplier method", Oper. Res. 11, 1963). What the last step saves beyond
 * the budget is given back: to whichever place of any curve then lowers the loss most per cost. A
 * layer that is better left dense stays dense.
 */
public final class RankBudget {

    /** The squared error from which a layer counts as keeping nothing. */
    static final double NOTHING_KEPT = 1 - 1e-6;

    private RankBudget() {}

    /**
     * A layer that may be decomposed.
     *
     * @param name the name, for messages
     * @param kernel gives the kernel, row-major; asked once, so that not all need be in memory
     * @param spec the shape of the kernel
     * @param format the format; its rank is not used
     * @param geometry stride, padding and dilation
     * @param inputShapes the input, (batch, channels, spatial...), in each place where the layer
     *     stands
     * @param nanos the nanoseconds that a network takes in all places, its dense kernel as one
     *     core; not used but for {@link Rank#targetTime}
     * @param scaling scales the modes of the kernel for a format by what errors weigh, so that its
     *     plain errors stand for weighted ones
     * @param importance what the answers lose if the layer keeps nothing; NaN if that is not known,
     *     and the share that each layer keeps is all that counts
     */
    public record Layer(
            String name,
            Supplier<double[]> kernel,
            KernelSpec spec,
            TensorFormat format,
            ConvolutionGeometry geometry,
            List<Shape> inputShapes,
            ToDoubleFunction<TensorNetwork> nanos,
            BiFunction<double[], TensorFormat, double[]> scaling,
            double importance) {

        /**
         * A layer whose times are not known.
         *
         * @param name the name
         * @param kernel gives the kernel
         * @param spec the shape of the kernel
         * @param format the format
         * @param geometry stride, padding and dilation
         * @param inputShapes the inputs
         */
        public Layer(
                String name,
                Supplier<double[]> kernel,
                KernelSpec spec,
                TensorFormat format,
                ConvolutionGeometry geometry,
                List<Shape> inputShapes) {
            this(
                    name,
                    kernel,
                    spec,
                    format,
                    geometry,
                    inputShapes,
                    network -> Double.NaN,
                    (entries, any) -> entries,
                    Double.NaN);
        }

        /**
         * What is lost where a share of the energy, of the kernel or its weight, is kept. What the
         * answers lose is known to second order, which says too much of large losses: its root
         * counts.
         */
        double loss(double kept) {
            double log = -Math.log(Math.max(kept, 1 - NOTHING_KEPT));
            return Double.isNaN(importance) ? log : Math.sqrt(importance) * log;
        }

        /** The multiply-adds of a network in all places. */
        double macs(TensorNetwork network) {
            double macs = 0;
            for (Shape input : inputShapes) {
                macs += network.macs(geometry, input);
            }
            return macs;
        }
    }

    /**
     * What was chosen for a layer.
     *
     * @param layer the layer
     * @param network the network, one dense core if the layer is better left as it is
     * @param dense whether the layer stays dense
     * @param error the relative error to expect, a bound or one that was measured
     * @param cost multiply-adds, parameters or nanoseconds, whichever the budget is for
     * @param format the format of the network, one of those that the layer may have
     */
    public record Choice(
            Layer layer,
            TensorNetwork network,
            boolean dense,
            double error,
            double cost,
            TensorFormat format) {}

    /** A step from one place of a hull to the next. */
    private record Step(int layer, LossCurve.Point to, double slope) {}

    /**
     * Chooses the ranks of all layers.
     *
     * @param target {@link Rank#targetMacs}, {@link Rank#targetParameters} or {@link
     *     Rank#targetTime}
     * @param layers the layers that may be decomposed
     * @param otherCost the cost of all that is not among them, in the same unit; part of the whole
     * @param decomposer used for formats with cycles
     * @return one choice per layer, in order
     * @throws IllegalArgumentException if the rank is no whole-model target, or rank 1 everywhere
     *     still costs more
     */
    public static List<Choice> solve(
            Rank target, List<Layer> layers, double otherCost, Decomposer decomposer) {
        return solveAll(List.of(target), layers, otherCost, decomposer).get(0);
    }

    /**
     * Chooses the ranks of all layers for several targets, whose curves are made once.
     *
     * @param targets rules of one kind, the highest share first
     * @param layers the layers that may be decomposed
     * @param otherCost the cost of all that is not among them
     * @param decomposer used for formats with cycles
     * @return for each target one choice per layer, in order, up to the first target that cannot be
     *     met
     * @throws IllegalArgumentException as {@link #solve} does
     */
    public static List<List<Choice>> solveAll(
            List<Rank> targets, List<Layer> layers, double otherCost, Decomposer decomposer) {
        FittedRule.Kind kind = rule(targets.get(0)).kind();
        List<List<LossCurve.Point>> curves = curves(layers, kind, decomposer);
        List<List<Choice>> all = new ArrayList<>();
        for (Rank target : targets) {
            try {
                all.add(within(target, layers, curves, otherCost));
            } catch (IllegalArgumentException e) {
                if (all.isEmpty()) {
                    throw e;
                }
                break; // lower ones cannot be met either
            }
        }
        return all;
    }

    private static FittedRule rule(Rank target) {
        return target.fitted()
                .filter(fitted -> fitted.kind().isWholeModel())
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "A budget is Rank.targetMacs, Rank.targetParameters or"
                                                + " Rank.targetTime, got \""
                                                + target
                                                + "\""));
    }

    private static List<Choice> within(
            Rank target, List<Layer> layers, List<List<LossCurve.Point>> curves, double otherCost) {
        FittedRule rule = rule(target);
        List<LossCurve.Point> state = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        double total = otherCost;
        for (int n = 0; n < layers.size(); n++) {
            List<LossCurve.Point> hull = LossCurve.hull(curves.get(n));
            state.add(hull.get(0));
            total += hull.get(0).cost();
            for (int k = 1; k < hull.size(); k++) {
                steps.add(new Step(n, hull.get(k), LossCurve.slope(hull.get(k - 1), hull.get(k))));
            }
        }
        double budget = rule.value() * total;
        // A stable sort keeps the steps of a layer in order: along a hull slopes grow.
        steps.sort(Comparator.comparingDouble(Step::slope));
        for (Step step : steps) {
            if (total <= budget) {
                break;
            }
            total += step.to.cost() - state.get(step.layer).cost();
            state.set(step.layer, step.to);
        }
        if (total > budget) {
            throw new IllegalArgumentException(
                    "\""
                            + target
                            + "\" allows "
                            + (long) budget
                            + unit(rule.kind())
                            + ", but the least that these formats come to is "
                            + (long) total
                            + ", "
                            + (long) otherCost
                            + " of it outside the layers given; use a larger share or include more"
                            + " layers");
        }
        giveBack(budget - total, curves, state);
        List<Choice> choices = new ArrayList<>();
        for (int n = 0; n < layers.size(); n++) {
            LossCurve.Point point = state.get(n);
            choices.add(
                    new Choice(
                            layers.get(n),
                            point.network(),
                            point.loss() == 0 && point.network().cores().size() == 1,
                            point.error(),
                            point.cost(),
                            point.format()));
        }
        return choices;
    }

    /** Spends what is left of a budget, always where it lowers the loss most per cost. */
    private static void giveBack(
            double left, List<List<LossCurve.Point>> curves, List<LossCurve.Point> state) {
        double rest = left;
        Step best;
        do {
            best = null;
            for (int n = 0; n < state.size(); n++) {
                LossCurve.Point now = state.get(n);
                for (LossCurve.Point point : curves.get(n)) {
                    boolean affordable =
                            point.cost() > now.cost() && point.cost() - now.cost() <= rest;
                    if (affordable && point.loss() < now.loss()) {
                        double gain = LossCurve.slope(point, now);
                        best = best == null || gain > best.slope ? new Step(n, point, gain) : best;
                    }
                }
            }
            if (best != null) {
                rest -= best.to.cost() - state.get(best.layer).cost();
                state.set(best.layer, best.to);
            }
        } while (best != null);
    }

    private static String unit(FittedRule.Kind kind) {
        return switch (kind) {
            case TARGET_MACS -> " multiply-adds";
            case TARGET_TIME -> " nanoseconds";
            default -> " parameters";
        };
    }

    /** The curves of all layers, several made at once. */
    private static List<List<LossCurve.Point>> curves(
            List<Layer> layers, FittedRule.Kind kind, Decomposer decomposer) {
        // Times may be measured, which nothing else is to disturb.
        int tasks = kind == FittedRule.Kind.TARGET_TIME ? 1 : layers.size();
        try (SideBySide threads = SideBySide.forTasks(tasks)) {
            List<Callable<List<LossCurve.Point>>> given = new ArrayList<>();
            for (Layer layer : layers) {
                given.add(threads.submit(() -> LossCurve.of(layer, kind, decomposer)));
            }
            List<List<LossCurve.Point>> curves = new ArrayList<>();
            for (Callable<List<LossCurve.Point>> task : given) {
                Interruption.check();
                curves.add(task.call());
            }
            return curves;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
