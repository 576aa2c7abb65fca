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
package io.github.djltcnn.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import io.github.djltcnn.contraction.ContractedWeights;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A block whose weight is a tensor network: what the tensorial convolutions and the tensorial
 * linear layer share.
 *
 * <p>Its parameters are the cores, {@code core1 .. coreN} in the order of the notation, each with
 * its axes in the order the notation lists them, then {@code bias}. How many cores there are is
 * known with the number of input channels, that is when the block is initialized or loaded; until
 * then one parameter {@code core} stands for all of them, and they inherit its initializer and
 * whether it is frozen.
 *
 * <p>The default initializer is {@link TensorialInitializer#fanIn()}. A {@link
 * TensorialInitializer} is told the network of the block before it draws; any other initializer
 * that the user sets is used for each core as it stands.
 *
 * @since 0.1.0
 */
public abstract class TensorialBlock extends CoreBlock {

    /**
     * Creates a block without cores.
     *
     * @param format the rule that writes the network
     * @param name the name for messages and reports
     * @param includeBias whether there is a bias
     * @param options what the evaluation is planned by
     */
    TensorialBlock(TensorFormat format, String name, boolean includeBias, PlannerOptions options) {
        super(format, name, includeBias, options);
    }

    /**
     * Applies the layer to an input of the shape that {@link #getGeometry()} asks for.
     *
     * @param input the input
     * @param contraction contracts an input of the shape that is planned for with the network and
     *     adds the bias; the result belongs to the manager of its input
     * @return the output, which belongs to the input's manager
     */
    abstract NDArray evaluate(NDArray input, UnaryOperator<NDArray> contraction);

    /**
     * Explains how a channels-first input would be evaluated for prediction on the layer's device:
     * each step, its operation and its cost.
     *
     * @param inputShape the shape of the input
     * @return a table to print
     * @throws IllegalStateException before the block is initialized or loaded
     * @throws IllegalArgumentException if the shape does not fit the block
     */
    public String explain(Shape inputShape) {
        return explain(inputShape, false, Layout.CHANNELS_FIRST, device());
    }

    /**
     * Explains how an input would be evaluated: each step, its operation and its cost. What runs
     * later does not change by it.
     *
     * @param inputShape the shape of the input
     * @param training whether for training: gradients are counted too then
     * @param layout the layout of the input in memory
     * @param device the device of the input; it need not be there
     * @return a table to print
     * @throws IllegalStateException before the block is initialized or loaded
     * @throws IllegalArgumentException if the shape does not fit the block
     */
    public String explain(Shape inputShape, boolean training, Layout layout, Device device) {
        LayerChecks.sizes(this, inputShape);
        checkInput(inputShape);
        return engine().planner().explain(planShape(inputShape), training, layout, device);
    }

    /**
     * Times the best few orders for inputs of one shape on random numbers, in either memory layout,
     * and evaluates such inputs by the fastest from now on. Not while gradients are being
     * collected.
     *
     * @param inputShape the shape of the input
     * @param training whether for training: gradients are timed too then
     * @throws IllegalStateException if the block is not initialized
     * @throws IllegalArgumentException if the shape does not fit the block
     */
    public void autotune(Shape inputShape, boolean training) {
        LayerChecks.sizes(this, inputShape);
        checkInput(inputShape);
        for (Layout layout : Layout.values()) {
            engine().planner().autotune(planShape(inputShape), training, layout, device());
        }
    }

    /**
     * Binds an initializer to the network of this layer, as the layer itself does when it is
     * initialized.
     *
     * @param initializer the initializer
     * @param inputShape the shape of an input
     * @return one initializer per core, in the order of the network
     * @throws IllegalStateException before the block is initialized or loaded
     */
    @Override
    public List<Initializer> bind(TensorialInitializer initializer, Shape inputShape) {
        return initializer.bind(
                getNetwork(),
                getGeometry(),
                planShape(inputShape),
                () -> contractionPath(inputShape));
    }

    private Device device() {
        return getCores().head().getDevice();
    }

    /** The shape that the planner sees for an input of the block. */
    Shape planShape(Shape inputShape) {
        return inputShape;
    }

    /**
     * The shape that the planner sees in a pass of a network: that of the input which the layer was
     * initialized with, with the batch of the network's input.
     */
    Shape expectedShape(Shape networkInput) {
        Shape recorded = getInputShapes()[0];
        boolean batched = recorded.dimension() > 1 && networkInput.dimension() > 0;
        return planShape(
                batched ? new Shape(networkInput.get(0)).addAll(recorded.slice(1)) : recorded);
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        LayerChecks.one(this, inputs);
        NDArray input = inputs.head();
        // Before anything looks at the numbers: DJL ends the process on some types.
        Checks.dataType(input.getDataType());
        checkInput(input.getShape());
        LayerObserver observer = LayerPass.observer(parameterStore);
        Device device = input.getDevice();
        NDList coreArrays = cores(parameterStore, device, training);
        NDArray biasArray = bias(parameterStore, device, training);
        ContractionEngine engine = engine();
        ContractedWeights ahead = LayerPass.weights(parameterStore);
        UnaryOperator<NDArray> contraction =
                x ->
                        training
                                ? engine.train(x, coreArrays, biasArray, ahead)
                                : engine.predict(x, coreArrays, biasArray);
        LayerEvaluator evaluator = LayerPass.evaluator(parameterStore);
        if (evaluator != null) {
            contraction = x -> evaluator.evaluate(engine.planner(), x, coreArrays, biasArray);
        }
        NDArray output = evaluate(observer.onInput(this, input), contraction);
        return new NDList(observer.onOutput(this, output));
    }

    /**
     * Checks the shape of an input against the layer.
     *
     * @param inputShape the shape
     * @throws IllegalArgumentException if it does not fit
     */
    abstract void checkInput(Shape inputShape);

    /** The cores in the order in which an input meets them in training. */
    private List<Integer> contractionPath(Shape inputShape) {
        List<Integer> order = new ArrayList<>();
        engine().planner()
                .plan(planShape(inputShape), true)
                .contractionPath()
                .forEach(order::addAll);
        return order;
    }
}
