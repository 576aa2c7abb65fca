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
package io.github.djltcnn.export.internal.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.UntraceableException;
import io.github.djltcnn.export.internal.operations.Activation;
import io.github.djltcnn.export.internal.operations.Convolution;
import io.github.djltcnn.export.internal.operations.Normalization;
import io.github.djltcnn.export.internal.operations.Pooling;
import io.github.djltcnn.export.internal.operations.Product;
import io.github.djltcnn.export.internal.operations.Shaping;
import io.github.djltcnn.export.internal.operations.Unary;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * The operations of layers on an array that records.
 *
 * <p>DJL asks for some fifty operations. Those that can be written down are the default methods
 * here; every other one, also one that a later DJL adds, is refused by its name.
 */
interface TracedOperations extends NDArrayEx {

    /**
     * Returns the operations of an array.
     *
     * @param array the array
     * @return its operations
     */
    static NDArrayEx of(TracedArray array) {
        Class<?> type = TracedOperations.class;
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    if (method.getDeclaringClass() == Object.class) {
                        return method.invoke(array, arguments);
                    }
                    if ("getArray".equals(method.getName())) {
                        return array;
                    }
                    throw new UntraceableException(
                            "operation " + method.getName() + " is not known");
                };
        return (NDArrayEx)
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }

    private NDArray apply(Operation operation) {
        return apply(operation, List.of(getArray()));
    }

    private NDArray apply(Operation operation, List<NDArray> operands) {
        return ((TracedArray) getArray()).record(operation, operands.toArray(new NDArray[0]));
    }

    private static List<NDArray> present(NDArray... arrays) {
        List<NDArray> list = new ArrayList<>();
        for (NDArray array : arrays) {
            if (array != null) {
                list.add(array);
            }
        }
        return list;
    }

    @Override
    default NDArray relu() {
        return apply(Unary.RELU);
    }

    @Override
    default NDArray sigmoid() {
        return apply(Unary.SIGMOID);
    }

    @Override
    default NDArray tanh() {
        return apply(Unary.TANH);
    }

    @Override
    default NDArray softPlus() {
        return apply(Unary.SOFT_PLUS);
    }

    @Override
    default NDArray softSign() {
        return apply(Unary.SOFT_SIGN);
    }

    @Override
    default NDArray leakyRelu(float alpha) {
        return apply(new Activation.LeakyRelu(alpha));
    }

    @Override
    default NDArray elu(float alpha) {
        return apply(new Activation.Elu(alpha));
    }

    @Override
    default NDArray selu() {
        return apply(Unary.SELU);
    }

    @Override
    default NDArray gelu() {
        return apply(Unary.GELU);
    }

    @Override
    default NDArray maxPool(Shape kernelShape, Shape stride, Shape padding, boolean ceilMode) {
        return apply(new Pooling(false, kernelShape, stride, padding, ceilMode, false));
    }

    @Override
    default NDArray globalMaxPool() {
        return apply(new Pooling.Global(false));
    }

    @Override
    default NDArray avgPool(
            Shape kernelShape,
            Shape stride,
            Shape padding,
            boolean ceilMode,
            boolean countIncludePad) {
        return apply(new Pooling(true, kernelShape, stride, padding, ceilMode, countIncludePad));
    }

    @Override
    default NDArray globalAvgPool() {
        return apply(new Pooling.Global(true));
    }

    @Override
    default NDList convolution(
            NDArray input,
            NDArray weight,
            NDArray bias,
            Shape stride,
            Shape padding,
            Shape dilation,
            int groups) {
        int axes = weight.getShape().dimension() - 2;
        Operation convolution =
                new Convolution(
                        spread(stride, axes),
                        spread(padding, axes),
                        spread(dilation, axes),
                        groups);
        return new NDList(apply(convolution, present(input, weight, bias)));
    }

    /** One number for all axes is possible in DJL. */
    private static Shape spread(Shape shape, int axes) {
        if (shape.dimension() == axes) {
            return shape;
        }
        long[] all = new long[axes];
        java.util.Arrays.fill(all, shape.get(0));
        return new Shape(all);
    }

    @Override
    default NDList linear(NDArray input, NDArray weight, NDArray bias) {
        return new NDList(apply(Product.LINEAR, present(input, weight, bias)));
    }

    @Override
    default NDList embedding(NDArray input, NDArray weight, SparseFormat sparse) {
        return new NDList(apply(new Shaping.Rows(), List.of(input, weight)));
    }

    @Override
    default NDList dropout(NDArray input, float rate, boolean training) {
        if (training) {
            throw new UntraceableException("dropout in training");
        }
        return new NDList(input.duplicate());
    }

    @Override
    default NDList layerNorm(
            NDArray input, Shape normalizedShape, NDArray gamma, NDArray beta, float eps) {
        return new NDList(
                apply(new Normalization.Layer(normalizedShape, eps), List.of(input, gamma, beta)));
    }

    @Override
    default NDList batchNorm(
            NDArray input,
            NDArray runningMean,
            NDArray runningVar,
            NDArray gamma,
            NDArray beta,
            int axis,
            float momentum,
            float eps,
            boolean training) {
        if (training) {
            throw new UntraceableException("batch normalization in training");
        }
        int along = axis == -1 ? 1 : axis;
        NDArray x = along == 1 ? input : input.swapAxes(1, along);
        NDArray result =
                apply(
                        new Normalization.Batch(eps),
                        List.of(x, runningMean, runningVar, gamma, beta));
        return new NDList(along == 1 ? result : result.swapAxes(1, along));
    }

    @Override
    default NDArray where(NDArray condition, NDArray other) {
        return apply(new Shaping.Where(), List.of(condition, getArray(), other));
    }

    @Override
    default NDArray stack(NDList arrays, int axis) {
        int along = Math.floorMod(axis, getArray().getShape().dimension() + 1);
        List<NDArray> parts = new ArrayList<>();
        parts.add(getArray().expandDims(along));
        arrays.forEach(part -> parts.add(part.expandDims(along)));
        return apply(new Shaping.Concat(along), parts);
    }

    @Override
    default NDArray concat(NDList arrays, int axis) {
        int along = Math.floorMod(axis, getArray().getShape().dimension());
        List<NDArray> parts = new ArrayList<>(List.of(getArray()));
        parts.addAll(arrays);
        return apply(new Shaping.Concat(along), parts);
    }
}
