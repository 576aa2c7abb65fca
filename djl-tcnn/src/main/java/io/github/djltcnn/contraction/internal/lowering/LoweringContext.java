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
package io.github.djltcnn.contraction.internal.lowering;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.search.ActivationContraction;
import io.github.djltcnn.contraction.internal.search.ActivationLayout;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import java.util.List;

/**
 * What an operation needs to know to write a step.
 *
 * @param table the modes
 * @param schedule the sizes of the spatial axes
 * @param weights where weights are asked for
 * @param training whether gradients will be computed
 * @param now how the activation lies before the step
 * @param withBias whether the step adds the bias
 */
public record LoweringContext(
        ModeTable table,
        SpatialSchedule schedule,
        WeightLowering weights,
        boolean training,
        ActivationLayout now,
        boolean withBias) {

    /**
     * A channels-first activation around the modes that a step is about.
     *
     * @param batch the batch and the free modes before them
     * @param channels these modes
     * @param extra the free modes behind them
     */
    public record Cut(long batch, long channels, long extra) {}

    /** Cuts a channels-first activation at the modes that a contraction is about. */
    public Cut cut(ActivationContraction contraction) {
        List<Integer> lead = now.lead();
        int from = 0;
        while (from < lead.size() && (contraction.free() >> lead.get(from) & 1) != 0) {
            from++;
        }
        int to = from;
        while (to < lead.size() && (contraction.free() >> lead.get(to) & 1) == 0) {
            to++;
        }
        return new Cut(
                schedule.batch() * size(lead.subList(0, from)),
                size(lead.subList(from, to)),
                size(lead.subList(to, lead.size())) * size(now.trail()));
    }

    /** The modes of the activation that are summed over, in its order. */
    public List<Integer> summed(PathSearch.PathStep step) {
        return ActivationLayout.pick(now.modes(), step.contraction().summed());
    }

    /** The modes of the activation that the tensor has too and that stay, in its order. */
    public List<Integer> groups(PathSearch.PathStep step) {
        return ActivationLayout.pick(now.modes(), step.contraction().groups());
    }

    /** The new modes in the order of the result. */
    public List<Integer> fresh(PathSearch.PathStep step) {
        return ActivationLayout.pick(step.option().result().modes(), step.contraction().fresh());
    }

    /** Asks for the weight of a step with its modes in an order, cut into a shape. */
    public int weight(PathSearch.PathStep step, int[] modes, Shape shape) {
        return weights.weight(
                step.tensor(), new WeightLowering.Wanted(modes, shape, AxisOrder.SAME));
    }

    /** The sizes of modes. */
    public Shape sizes(List<Integer> modes) {
        return new Shape(table.sizes(array(modes)));
    }

    /** The numbers in a tensor of some modes. */
    public long size(List<Integer> modes) {
        return sizes(modes).size();
    }

    /** The modes as an array, those of several lists one after another. */
    @SafeVarargs
    public static int[] array(List<Integer>... modes) {
        int[][] parts = new int[modes.length][];
        for (int n = 0; n < parts.length; n++) {
            parts[n] = modes[n].stream().mapToInt(Integer::intValue).toArray();
        }
        return OrderedTensor.concat(parts);
    }
}
