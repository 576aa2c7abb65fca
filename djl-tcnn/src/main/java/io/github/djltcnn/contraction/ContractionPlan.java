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
import io.github.djltcnn.contraction.internal.cost.PeakMemory;
import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.contraction.internal.execution.Step;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import io.github.djltcnn.contraction.internal.execution.Workspace;
import io.github.djltcnn.contraction.internal.lowering.ActivationLowering;
import io.github.djltcnn.contraction.internal.lowering.WeightLowering;
import io.github.djltcnn.contraction.internal.operations.PlanOperations;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.contraction.internal.search.PathSearch;
import io.github.djltcnn.contraction.internal.search.SpatialSchedule;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How one layer is computed for inputs of one shape and layout: an immutable list of steps.
 * Obtained from a {@link ContractionPlanner}; may be shared by threads.
 *
 * @since 0.1.0
 */
public final class ContractionPlan {

    private final ModeTable table;
    private final SpatialSchedule schedule;
    private final PathSearch.Path path;
    private final PlanRequest request;
    private final CostModel costs;
    private final Shape outputShape;
    private final Layout outputLayout;
    private final WeightProgram program;
    private final List<ActivationStep> steps;
    private final boolean biasInStep;
    private final List<List<Integer>> contractionPath;

    ContractionPlan(
            ModeTable table,
            SpatialSchedule schedule,
            PlanRequest request,
            PathSearch.Path path,
            CostModel costs) {
        this.table = table;
        this.schedule = schedule;
        this.path = path;
        this.request = request;
        this.costs = costs;
        Shape inputShape = request.inputShape();
        outputShape =
                new Shape(inputShape.get(0), table.network().outputChannels())
                        .addAll(new Shape(schedule.sizes(table.allCores())));
        outputLayout = path.end().trail().isEmpty() ? Layout.CHANNELS_FIRST : Layout.CHANNELS_LAST;
        WeightLowering weights = new WeightLowering(table, request.bytesPerNumber());
        ActivationLowering activations =
                new ActivationLowering(
                        PlanOperations.ALL, table, schedule, weights, request.training());
        activations.lower(path, PathSearch.start(table, request.layout()));
        program = weights.program();
        steps = List.copyOf(activations.steps());
        biasInStep = activations.isBiasAdded();
        contractionPath = path.cores();
    }

    /**
     * Computes the layer.
     *
     * @param x the input, of the shape the plan was made for; in another layout than the plan was
     *     made for the result is the same, only later
     * @param cores the cores of the network in notation order
     * @param bias one number per output channel, or null
     * @return the output, (batch, output channels, spatial...); it belongs to the manager of {@code
     *     x} and is differentiable with respect to {@code x}, every core and the bias. Nothing else
     *     is left behind in any manager
     * @throws IllegalArgumentException if a shape or data type does not fit
     */
    public NDArray execute(NDArray x, NDList cores, NDArray bias) {
        check(x, cores, bias);
        try (Workspace space = workspace(x, bias)) {
            program.run(space, cores);
            return run(space, x, bias);
        }
    }

    /** Computes the layer from weights that {@link #program()} has computed before. */
    NDArray execute(NDArray x, NDList cores, List<NDArray> weights, NDArray bias) {
        try (Workspace space = workspace(x, bias)) {
            for (int n = 0; n < weights.size(); n++) {
                space.lendWeight(n, weights.get(n));
            }
            return run(space, x, bias);
        }
    }

    /**
     * Returns the same plan for another number of images: the same steps in the same order, whether
     * or not they are the best for that number.
     *
     * @param batch the number of images
     * @return the plan
     */
    public ContractionPlan withBatch(long batch) {
        Shape inputShape = request.inputShape();
        if (inputShape.get(0) == batch) {
            return this;
        }
        PlanRequest other =
                new PlanRequest(
                        new Shape(batch).addAll(inputShape.slice(1)),
                        request.layout(),
                        request.training(),
                        request.gpu());
        return new ContractionPlan(table, schedule.withBatch(batch), other, path, costs);
    }

    /** Refuses arguments that do not fit. */
    void check(NDArray x, NDList cores, NDArray bias) {
        Checks.input(x, request.inputShape());
        Checks.cores(table.network(), cores, x.getDataType());
        Checks.device(x, cores);
        Checks.bias(bias, outputShape.get(1));
    }

    private Workspace workspace(NDArray x, NDArray bias) {
        return new Workspace(
                x.getManager(), x.getDataType(), program.numTensors(), program.numWeights(), bias);
    }

    private NDArray run(Workspace space, NDArray x, NDArray bias) {
        space.lendActivation(x, request.layout() == Layout.CHANNELS_LAST);
        for (ActivationStep step : steps) {
            step.run(space);
        }
        NDArray result = result(space);
        if (bias != null && !biasInStep) {
            long[] perChannel = new long[outputShape.dimension()];
            Arrays.fill(perChannel, 1);
            perChannel[1] = outputShape.get(1);
            result = space.own(result.add(space.reshape(bias, new Shape(perChannel))));
        }
        result.attach(x.getManager());
        return result;
    }

    private NDArray result(Workspace space) {
        if (outputLayout == Layout.CHANNELS_FIRST) {
            return space.activation(outputShape);
        }
        int dimension = outputShape.dimension();
        Shape inMemory =
                new Shape(outputShape.get(0))
                        .addAll(outputShape.slice(2))
                        .addAll(outputShape.slice(1, 2));
        return dimension == 2
                ? space.activation(outputShape)
                : space.activationChannelsLast(inMemory);
    }

    /**
     * Returns the shape of the inputs that the plan is for.
     *
     * @return (batch, input channels, spatial...)
     */
    public Shape inputShape() {
        return request.inputShape();
    }

    /**
     * Returns the layout of the inputs that the plan is for.
     *
     * @return how the input lies in memory
     */
    public Layout inputLayout() {
        return request.layout();
    }

    /**
     * Returns whether the plan was made with the cost of gradients in mind.
     *
     * @return true for training
     */
    public boolean isForTraining() {
        return request.training();
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
     * Returns the layout of the output.
     *
     * @return how the output lies in memory
     */
    public Layout outputLayout() {
        return outputLayout;
    }

    /**
     * Returns the multiply-adds of one forward evaluation, that of the cores included.
     *
     * @return the sum over all steps
     */
    public long macs() {
        return (long) works().stream().mapToDouble(Work::macs).sum();
    }

    /**
     * Returns the seconds that the cost model predicts: of a training step's share of this layer
     * for a plan for training, else of a forward evaluation whose weights are kept from before.
     *
     * @return the predicted seconds
     */
    public double predictedSeconds() {
        return (request.training() ? works() : activationWorks())
                .stream().mapToDouble(work -> costs.seconds(work, request.training())).sum();
    }

    /**
     * Returns the contraction path: with which tensors the input is contracted.
     *
     * @return for each tensor that the input is contracted with, one after another, the numbers of
     *     the cores that it is made of, counted from 0 as the notation lists them
     */
    public List<List<Integer>> contractionPath() {
        return contractionPath;
    }

    /**
     * Returns the bytes that stay between two predictions in float32: the weights that the steps
     * take, contracted from the cores.
     *
     * @return the bytes; 0 for training, which keeps nothing
     */
    public long keptBytes() {
        return request.training()
                ? 0
                : program.prepareSteps().stream()
                        .mapToLong(step -> step.arrangement().shape().size())
                        .map(numbers -> numbers * request.bytesPerNumber())
                        .sum();
    }

    /**
     * Returns the bytes that are predicted to be held at once in float32, beyond the input, the
     * cores and {@link #keptBytes()}: intermediate and final results, what libtorch takes for
     * itself, and for training what the backward pass needs and its gradients.
     *
     * @return the predicted peak
     */
    public long peakBytes() {
        List<Work> weights = program.steps().stream().map(Step::work).toList();
        return (long) PeakMemory.of(weights, activationWorks(), request.training());
    }

    /**
     * Returns the bytes that are predicted to be held at once in float32, beyond the input and the
     * cores: {@link #peakBytes()} and {@link #keptBytes()}.
     *
     * @return the bytes that a memory limit bounds
     */
    public long heldBytes() {
        return peakBytes() + keptBytes();
    }

    /** The network whose contraction is the kernel. */
    TensorNetwork network() {
        return table.network();
    }

    /** What the plan was asked for. */
    PlanRequest request() {
        return request;
    }

    /**
     * Returns the steps in words, those that read the cores alone first.
     *
     * @return the operations in the order of their execution
     */
    public List<String> operations() {
        return works().stream().map(work -> work.operation().toString()).toList();
    }

    /**
     * Returns the part of the plan that reads the cores alone. Of a type internal to the library.
     *
     * @return the steps that turn the cores into the weights of the calls
     */
    public WeightProgram program() {
        return program;
    }

    /**
     * Returns the steps of the activation. Of a type internal to the library.
     *
     * @return the steps in the order of their execution
     */
    public List<ActivationStep> steps() {
        return steps;
    }

    /** What all steps have to do, in order. */
    List<Work> works() {
        List<Work> works = new ArrayList<>();
        program.steps().forEach(step -> works.add(step.work()));
        works.addAll(activationWorks());
        return works;
    }

    private List<Work> activationWorks() {
        return steps.stream().map(Step::work).toList();
    }

    /** The predicted seconds of one step. */
    double seconds(Work work) {
        return costs.seconds(work, request.training());
    }

    /** Returns a table of the steps: operation, multiply-adds, bytes moved, share of the time. */
    @Override
    public String toString() {
        return PlanTable.of(this);
    }
}
