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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Role;
import java.util.Arrays;
import java.util.List;

/**
 * How one layer is computed for inputs of one shape: an immutable list of steps. Obtained from a
 * {@link ContractionPlanner}; may be shared by threads.
 *
 * @since 0.1.0
 */
public final class ContractionPlan {

    private final ModeTable table;
    private final Shape inputShape;
    private final Shape outputShape;
    private final List<Step> steps;
    private final int numSlots;
    private final int inputSlot;
    private final int resultSlot;
    private final Shape resultView;
    private final AxisOrder resultOrder;
    private final boolean biasInStep;

    ContractionPlan(
            ModeTable table, ConvolutionGeometry geometry, Shape inputShape, List<Merge> path) {
        this.table = table;
        this.inputShape = inputShape;
        outputShape =
                new Shape(inputShape.get(0), table.network().outputChannels())
                        .addAll(geometry.outputShape(inputShape.slice(2)));
        Lowering lowering = new Lowering(table);
        inputSlot = table.numCores();
        Lowering.Tensor result = lowering.pass(path, geometry, inputShape, true);
        steps = List.copyOf(lowering.steps());
        numSlots = lowering.numSlots();
        resultSlot = result.slot();
        Shape spatial = outputShape.slice(2);
        resultView =
                new Shape(inputShape.get(0))
                        .addAll(new Shape(table.sizes(result.modes())))
                        .addAll(spatial);
        resultOrder =
                Lowering.spatialPermutation(
                        result.modes(), table.ordered(Role.GROUP, Role.OUTPUT), spatial);
        biasInStep = steps.get(steps.size() - 1) instanceof ConvolutionStep c && c.withBias();
    }

    /**
     * Computes the layer.
     *
     * @param x the input, of the shape the plan was made for
     * @param cores the cores of the network in notation order
     * @param bias one number per output channel, or null
     * @return the output, (batch, output channels, spatial...); it belongs to the manager of {@code
     *     x} and is differentiable with respect to {@code x}, every core and the bias. Nothing else
     *     is left behind in any manager
     * @throws IllegalArgumentException if a shape or data type does not fit
     */
    public NDArray execute(NDArray x, NDList cores, NDArray bias) {
        if (!x.getShape().equals(inputShape)) {
            throw new IllegalArgumentException(
                    "This plan is for inputs of shape "
                            + inputShape
                            + ", got "
                            + x.getShape()
                            + "; ask the planner for a plan of the new shape");
        }
        Workspace.checkDataType(x.getDataType());
        Workspace.checkCores(table, cores, x.getDataType());
        try (Workspace work = new Workspace(x.getManager(), x.getDataType(), numSlots)) {
            work.lend(inputSlot, x);
            Arguments arguments = new Arguments(x, cores, biasInStep ? bias : null);
            for (Step step : steps) {
                step.run(work, arguments);
            }
            NDArray result = work.get(resultSlot);
            if (!resultOrder.isSame()) {
                result = work.own(result.reshape(resultView));
            }
            result = resultOrder.arrange(work, result, outputShape);
            if (bias != null && !biasInStep) {
                long[] perChannel = new long[outputShape.dimension()];
                Arrays.fill(perChannel, 1);
                perChannel[1] = outputShape.get(1);
                NDArray column = work.own(work.enter(bias).reshape(new Shape(perChannel)));
                result = work.own(result.add(column));
            }
            result.attach(x.getManager());
            return result;
        }
    }

    /**
     * Returns the shape of the inputs that the plan is for.
     *
     * @return (batch, input channels, spatial...)
     */
    public Shape inputShape() {
        return inputShape;
    }

    /**
     * Returns the shape of the output.
     *
     * @return (batch, output channels, spatial...)
     */
    public Shape outputShape() {
        return outputShape;
    }

    /**
     * Returns the multiply-adds of one forward evaluation.
     *
     * @return the sum over all steps
     */
    public long macs() {
        return (long) steps.stream().mapToDouble(Step::macs).sum();
    }

    /** Returns the steps, one per line. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        for (Step step : steps) {
            table.append(step).append(": ").append(step.macs()).append(" MACs\n");
        }
        return table.toString();
    }
}
