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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The arrays of one evaluation: tensors made of cores, the weights of the calls, and the
 * activation. What is made here belongs to a manager of the workspace's own and is closed with it,
 * or as soon as the step that reads it is done. What is lent stays the caller's and is not closed.
 *
 * <p>DJL attaches the result of an operation to the manager of its first operand. A parameter
 * belongs to the model, so no operation may start from one: where one would, the parameter enters
 * as {@code 0 + parameter}, and that 0 belongs to the workspace. The gradient passes untouched.
 *
 * <p>The activation is held in the order of memory: whatever shape its array has, its entries
 * follow one another as batch, leading modes, spatial axes, trailing modes. The result of a
 * channels-last convolution is kept in the shape libtorch gives it, (batch, channels, axes..), and
 * only turned when the next step wants something else.
 */
public final class Workspace implements AutoCloseable {

    private final NDManager parent;
    private final NDManager manager;
    private final DataType dataType;
    private final NDArray bias;
    private final Held[] tensors;
    private final Held[] weights;
    private final List<NDArray> views = new ArrayList<>();
    private Held activation;
    private NDArray zero;

    /** Creates an empty workspace below a manager. */
    public Workspace(
            NDManager parent, DataType dataType, int numTensors, int numWeights, NDArray bias) {
        this.parent = parent;
        manager = parent.newSubManager();
        this.dataType = dataType;
        this.bias = bias;
        tensors = new Held[numTensors];
        weights = new Held[numWeights];
    }

    /**
     * An array and whose it is.
     *
     * @param array the array
     * @param lent whether it is the caller's
     * @param turned whether its channel axis, which is the second, lies last in memory
     */
    private record Held(NDArray array, boolean lent, boolean turned) {

        void drop() {
            if (!lent) {
                array.close();
            }
        }
    }

    /** Makes an array belong to this workspace. */
    public NDArray own(NDArray array) {
        array.attach(manager);
        return array;
    }

    /** The array, or what stands in for it as a first operand if it is a parameter. */
    NDArray owned(NDArray array) {
        if (array.getManager() == manager || array.getManager() == parent) {
            return array;
        }
        return zero().add(array);
    }

    private NDArray zero() {
        if (zero == null) {
            zero = manager.zeros(new Shape(), dataType);
        }
        return zero;
    }

    /** A view of another shape, or the array itself if it has that shape. */
    public NDArray reshape(NDArray array, Shape shape) {
        return array.getShape().equals(shape) ? array : own(owned(array).reshape(shape));
    }

    /** The bias, or null. */
    public NDArray bias() {
        return bias;
    }

    NDArray tensor(int slot) {
        return tensors[slot].array;
    }

    void putTensor(int slot, NDArray array) {
        tensors[slot] = new Held(own(array), false, false);
    }

    void lendTensor(int slot, NDArray array) {
        tensors[slot] = new Held(array, true, false);
    }

    void copyTensor(int slot, NDArray array) {
        putTensor(slot, zero().add(array));
    }

    void dropTensor(int slot) {
        tensors[slot].drop();
        tensors[slot] = null;
    }

    /** Makes a tensor as it is the weight of a call. */
    void promote(int slot, int weight) {
        weights[weight] = tensors[slot];
        tensors[slot] = null;
    }

    /** A tensor made of cores. */
    public NDArray weight(int number) {
        return weights[number].array;
    }

    /** A weight that is this workspace's own: a copy, if the weight is a core as it is. */
    public NDArray ownWeight(int number) {
        Held held = weights[number];
        return held.lent ? zero().add(held.array) : held.array;
    }

    void putWeight(int number, NDArray array) {
        weights[number] = new Held(own(array), false, false);
    }

    /** Lends a tensor, which stays its owner's. */
    public void lendWeight(int number, NDArray array) {
        weights[number] = new Held(array, true, false);
    }

    /** Closes a weight that no later step reads, unless it was lent. */
    public void dropWeight(int number) {
        weights[number].drop();
        weights[number] = null;
    }

    /** Starts from the input of the layer. */
    public void lendActivation(NDArray array, boolean channelsLast) {
        activation = new Held(array, true, channelsLast);
    }

    /** The array of the activation as the last step left it. */
    public NDArray activation() {
        return activation.array;
    }

    /** The activation in the order of memory, in a shape that cuts it so. */
    public NDArray activation(Shape shape) {
        NDArray array = activation.array;
        if (activation.turned) {
            array = view(AxisOrder.secondToLast(array.getShape().dimension()).permute(this, array));
        }
        return view(reshape(array, shape));
    }

    /**
     * The activation as a convolution with channels last takes it.
     *
     * @param shape its shape in the order of memory, (batch, axes.., channels)
     * @return (batch, channels, axes..), over the same memory
     */
    public NDArray activationChannelsLast(Shape shape) {
        int last = shape.dimension() - 1;
        Shape turned = new Shape(shape.get(0), shape.get(last)).addAll(shape.slice(1, last));
        if (activation.turned && activation.array.getShape().equals(turned)) {
            return activation.array;
        }
        return view(AxisOrder.lastToSecond(last + 1).permute(this, activation(shape)));
    }

    /** A view keeps the memory of the activation, as long as it is open. */
    private NDArray view(NDArray array) {
        if (array != activation.array) {
            views.add(array);
        }
        return array;
    }

    /**
     * Replaces the activation by the result of a step, which has been computed.
     *
     * @param array the result
     * @param channelsLast whether its second axis, the channels, lies last in memory
     */
    public void next(NDArray array, boolean channelsLast) {
        Held before = activation;
        activation = new Held(own(array), false, channelsLast);
        before.drop();
        views.forEach(NDArray::close);
        views.clear();
    }

    @Override
    public void close() {
        manager.close();
    }
}
