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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.full.NDIndexFullSlice;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.export.internal.graph.Input;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.Sizes;
import io.github.djltcnn.export.internal.graph.UntraceableException;
import io.github.djltcnn.export.internal.operations.Activation;
import io.github.djltcnn.export.internal.operations.Binary;
import io.github.djltcnn.export.internal.operations.Product;
import io.github.djltcnn.export.internal.operations.Reduction;
import io.github.djltcnn.export.internal.operations.Shaping;
import io.github.djltcnn.export.internal.operations.Unary;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An array that computes and writes down what is done with it. What it does not override, DJL's
 * adapter refuses; the name of the method is then found in the stack of the exception.
 *
 * <p>Longer than 400 lines: DJL asks an array for some hundred methods, and each is one or two
 * lines here.
 */
final class TracedArray extends NDArrayAdapter {

    private final Trace trace;
    private final boolean dynamic;
    private final Memory memory;
    private Node node;
    private NDArray value;
    private int version;

    /** The memory that an array and its views share, and how often it was written to. */
    private static final class Memory {

        private final boolean fixed;
        private int version;

        Memory(boolean fixed) {
            this.fixed = fixed;
        }
    }

    TracedArray(Trace trace, Node node, NDArray value, boolean dynamic) {
        this(trace, node, value, dynamic, new Memory(isGiven(node)));
    }

    private TracedArray(Trace trace, Node node, NDArray value, boolean dynamic, Memory memory) {
        super(trace.manager(), null, value.getShape(), value.getDataType(), NDManager.nextUid());
        this.trace = trace;
        this.node = node;
        this.value = value;
        this.dynamic = dynamic;
        this.memory = memory;
        version = memory.version;
        setName(value.getName());
        trace.manager().attachInternal(uid, this);
    }

    private static boolean isGiven(Node node) {
        return node.constant() != null || node.operation() instanceof Input;
    }

    /** The value in the graph. */
    Node node() {
        check();
        return node;
    }

    /** The numbers. */
    NDArray value() {
        check();
        return value;
    }

    /** Whether the numbers depend on the input. */
    boolean isDynamic() {
        return dynamic;
    }

    private void check() {
        if (version != memory.version) {
            throw new UntraceableException(
                    "an array is read after its memory was changed in place through another view");
        }
    }

    private TracedArray apply(Operation operation) {
        return apply(operation, this);
    }

    private TracedArray apply(Operation operation, NDArray... operands) {
        TracedArray result = trace.apply(operation, operands);
        result.attach(manager);
        return result;
    }

    private TracedArray view(Operation operation) {
        TracedArray plain = trace.apply(operation, this);
        trace.manager().detachInternal(plain.uid);
        TracedArray view = new TracedArray(trace, plain.node, plain.value, dynamic, memory);
        view.attach(manager);
        return view;
    }

    /** Another name for the same value. */
    private TracedArray alias() {
        TracedArray alias = new TracedArray(trace, node(), value(), dynamic);
        alias.attach(manager);
        return alias;
    }

    private TracedArray become(TracedArray result) {
        if (memory.fixed) {
            throw new UntraceableException("the input or a parameter is changed in place");
        }
        node = result.node();
        value = result.value();
        shape = value.getShape();
        dataType = value.getDataType();
        memory.version++;
        version = memory.version;
        return this;
    }

    @Override
    public void attach(NDManager manager) {
        if (manager instanceof TracedManager) {
            detach();
            this.manager = manager;
            manager.attachInternal(uid, this);
        }
    }

    @Override
    public void tempAttach(NDManager manager) {
        attach(manager);
    }

    @Override
    public void detach() {
        manager.detachInternal(uid);
        manager = trace.manager();
    }

    @Override
    public void returnResource(NDManager manager) {
        attach(manager);
    }

    @Override
    public Device getDevice() {
        return value.getDevice();
    }

    @Override
    public void close() {
        // The numbers may be read under another name: they go with the recording.
        manager.detachInternal(uid);
        isClosed = true;
    }

    @Override
    public void intern(NDArray replaced) {
        throw new UntraceableException("an array is replaced (intern)");
    }

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
        if (dynamic) {
            throw new UntraceableException(
                    "numbers that depend on the input are read into Java, or an array that the block"
                            + " holds itself is the first operand with the input");
        }
        return value().toByteBuffer(tryDirect);
    }

    @Override
    public boolean hasGradient() {
        return false;
    }

    @Override
    public NDArray stopGradient() {
        return alias();
    }

    @Override
    public NDArray duplicate() {
        return alias();
    }

    @Override
    public NDArray toDevice(Device device, boolean copy) {
        if (!device.equals(getDevice())) {
            throw new UntraceableException("the block moves arrays from one device to another");
        }
        return copy ? alias() : this;
    }

    @Override
    public NDArray toType(DataType dataType, boolean copy) {
        if (dataType == getDataType()) {
            return copy ? alias() : this;
        }
        return apply(new Shaping.Cast(dataType));
    }

    @Override
    public NDArray reshape(Shape wanted) {
        // One size may be left open as -1; the result knows it.
        try (NDArray probe = value().reshape(wanted)) {
            return view(new Shaping.Reshape(Sizes.of(probe.getShape())));
        }
    }

    @Override
    public NDArray flatten() {
        return reshape(new Shape(getShape().size()));
    }

    @Override
    public NDArray flatten(int startDim, int endDim) {
        int dimension = getShape().dimension();
        int from = Math.floorMod(startDim, dimension);
        int to = Math.floorMod(endDim, dimension) + 1;
        return reshape(
                getShape()
                        .slice(0, from)
                        .add(getShape().slice(from, to).size())
                        .addAll(getShape().slice(to)));
    }

    @Override
    public NDArray expandDims(int axis) {
        int at = Math.floorMod(axis, getShape().dimension() + 1);
        return reshape(getShape().slice(0, at).add(1).addAll(getShape().slice(at)));
    }

    @Override
    public NDArray squeeze(int[] axes) {
        int dimension = getShape().dimension();
        int[] gone = Arrays.stream(axes).map(axis -> Math.floorMod(axis, dimension)).toArray();
        long[] kept =
                IntStream.range(0, dimension)
                        .filter(axis -> Arrays.stream(gone).noneMatch(g -> g == axis))
                        .mapToLong(getShape()::get)
                        .toArray();
        return reshape(new Shape(kept));
    }

    @Override
    public NDArray transpose() {
        int dimension = getShape().dimension();
        return transpose(IntStream.range(0, dimension).map(n -> dimension - 1 - n).toArray());
    }

    @Override
    public NDArray transpose(int... axes) {
        int dimension = getShape().dimension();
        return view(
                new Shaping.Permute(
                        Arrays.stream(axes)
                                .map(axis -> Math.floorMod(axis, dimension))
                                .boxed()
                                .toList()));
    }

    @Override
    public NDArray broadcast(Shape wanted) {
        return view(new Shaping.Broadcast(Sizes.of(wanted)));
    }

    @Override
    public NDArray get(NDIndex index) {
        return get(manager, index);
    }

    @Override
    public NDArray get(NDManager manager, NDIndex index) {
        NDIndexFullSlice full =
                NDIndexFullSlice.fromIndex(index, getShape())
                        .orElseThrow(
                                () ->
                                        new UntraceableException(
                                                "get by anything but numbers and slices"));
        NDArray part = this;
        for (int axis = 0; axis < getShape().dimension(); axis++) {
            long from = full.getMin()[axis];
            long to = full.getMax()[axis];
            long step = full.getStep()[axis];
            if (from != 0 || to != getShape().get(axis) || step != 1) {
                part = ((TracedArray) part).view(new Shaping.Slice(axis, from, to, step));
            }
        }
        return part == this && full.getToSqueeze().length == 0
                ? reshape(getShape())
                : full.getToSqueeze().length == 0 ? part : part.squeeze(full.getToSqueeze());
    }

    @Override
    public NDList split(long sections, int axis) {
        long size = getShape().get(Math.floorMod(axis, getShape().dimension()));
        long part = size / sections;
        return split(IntStream.range(1, (int) sections).mapToLong(n -> n * part).toArray(), axis);
    }

    @Override
    public NDList split(long[] indices, int axis) {
        int along = Math.floorMod(axis, getShape().dimension());
        NDList parts = new NDList();
        long from = 0;
        for (int n = 0; n <= indices.length; n++) {
            long to = n < indices.length ? indices[n] : getShape().get(along);
            parts.add(view(new Shaping.Slice(along, from, to, 1)));
            from = to;
        }
        return parts;
    }

    @Override
    public NDArray pad(Shape padding, double number) {
        return apply(new Shaping.Pad(padding, number));
    }

    @Override
    public NDArray add(Number n) {
        return apply(new Binary.WithNumber(Binary.ADD, n));
    }

    @Override
    public NDArray add(NDArray other) {
        return apply(Binary.ADD, this, other);
    }

    @Override
    public NDArray sub(Number n) {
        return apply(new Binary.WithNumber(Binary.SUB, n));
    }

    @Override
    public NDArray sub(NDArray other) {
        return apply(Binary.SUB, this, other);
    }

    @Override
    public NDArray mul(Number n) {
        return apply(new Binary.WithNumber(Binary.MUL, n));
    }

    @Override
    public NDArray mul(NDArray other) {
        return apply(Binary.MUL, this, other);
    }

    @Override
    public NDArray div(Number n) {
        return apply(new Binary.WithNumber(Binary.DIV, n));
    }

    @Override
    public NDArray div(NDArray other) {
        return apply(Binary.DIV, this, other);
    }

    @Override
    public NDArray pow(Number n) {
        return apply(new Binary.WithNumber(Binary.POW, n));
    }

    @Override
    public NDArray pow(NDArray other) {
        return apply(Binary.POW, this, other);
    }

    @Override
    public NDArray maximum(Number n) {
        return apply(new Binary.WithNumber(Binary.MAXIMUM, n));
    }

    @Override
    public NDArray maximum(NDArray other) {
        return apply(Binary.MAXIMUM, this, other);
    }

    @Override
    public NDArray minimum(Number n) {
        return apply(new Binary.WithNumber(Binary.MINIMUM, n));
    }

    @Override
    public NDArray minimum(NDArray other) {
        return apply(Binary.MINIMUM, this, other);
    }

    @Override
    public NDArray eq(Number n) {
        return apply(new Binary.WithNumber(Binary.EQ, n));
    }

    @Override
    public NDArray eq(NDArray other) {
        return apply(Binary.EQ, this, other);
    }

    @Override
    public NDArray neq(Number n) {
        return apply(new Binary.WithNumber(Binary.NEQ, n));
    }

    @Override
    public NDArray neq(NDArray other) {
        return apply(Binary.NEQ, this, other);
    }

    @Override
    public NDArray gt(Number n) {
        return apply(new Binary.WithNumber(Binary.GT, n));
    }

    @Override
    public NDArray gt(NDArray other) {
        return apply(Binary.GT, this, other);
    }

    @Override
    public NDArray gte(Number n) {
        return apply(new Binary.WithNumber(Binary.GTE, n));
    }

    @Override
    public NDArray gte(NDArray other) {
        return apply(Binary.GTE, this, other);
    }

    @Override
    public NDArray lt(Number n) {
        return apply(new Binary.WithNumber(Binary.LT, n));
    }

    @Override
    public NDArray lt(NDArray other) {
        return apply(Binary.LT, this, other);
    }

    @Override
    public NDArray lte(Number n) {
        return apply(new Binary.WithNumber(Binary.LTE, n));
    }

    @Override
    public NDArray lte(NDArray other) {
        return apply(Binary.LTE, this, other);
    }

    @Override
    public NDArray logicalAnd(NDArray other) {
        return apply(Binary.AND, this, other);
    }

    @Override
    public NDArray logicalOr(NDArray other) {
        return apply(Binary.OR, this, other);
    }

    @Override
    public NDArray logicalXor(NDArray other) {
        return apply(Binary.XOR, this, other);
    }

    @Override
    public NDArray logicalNot() {
        return apply(Unary.NOT);
    }

    @Override
    public NDArray addi(Number n) {
        return become((TracedArray) add(n));
    }

    @Override
    public NDArray addi(NDArray other) {
        return become((TracedArray) add(other));
    }

    @Override
    public NDArray subi(Number n) {
        return become((TracedArray) sub(n));
    }

    @Override
    public NDArray subi(NDArray other) {
        return become((TracedArray) sub(other));
    }

    @Override
    public NDArray muli(Number n) {
        return become((TracedArray) mul(n));
    }

    @Override
    public NDArray muli(NDArray other) {
        return become((TracedArray) mul(other));
    }

    @Override
    public NDArray divi(Number n) {
        return become((TracedArray) div(n));
    }

    @Override
    public NDArray divi(NDArray other) {
        return become((TracedArray) div(other));
    }

    @Override
    public NDArray powi(Number n) {
        return become((TracedArray) pow(n));
    }

    @Override
    public NDArray powi(NDArray other) {
        return become((TracedArray) pow(other));
    }

    @Override
    public NDArray negi() {
        return become((TracedArray) neg());
    }

    @Override
    public NDArray signi() {
        return become((TracedArray) sign());
    }

    @Override
    public NDArray neg() {
        return apply(Unary.NEG);
    }

    @Override
    public NDArray abs() {
        return apply(Unary.ABS);
    }

    @Override
    public NDArray sign() {
        return apply(Unary.SIGN);
    }

    @Override
    public NDArray square() {
        return apply(Unary.SQUARE);
    }

    @Override
    public NDArray sqrt() {
        return apply(Unary.SQRT);
    }

    @Override
    public NDArray exp() {
        return apply(Unary.EXP);
    }

    @Override
    public NDArray log() {
        return apply(Unary.LOG);
    }

    @Override
    public NDArray log2() {
        return apply(Unary.LOG2);
    }

    @Override
    public NDArray sin() {
        return apply(Unary.SIN);
    }

    @Override
    public NDArray cos() {
        return apply(Unary.COS);
    }

    @Override
    public NDArray tan() {
        return apply(Unary.TAN);
    }

    @Override
    public NDArray atan() {
        return apply(Unary.ATAN);
    }

    @Override
    public NDArray tanh() {
        return apply(Unary.TANH);
    }

    @Override
    public NDArray erf() {
        return apply(Unary.ERF);
    }

    @Override
    public NDArray floor() {
        return apply(Unary.FLOOR);
    }

    @Override
    public NDArray ceil() {
        return apply(Unary.CEIL);
    }

    @Override
    public NDArray round() {
        return apply(Unary.ROUND);
    }

    @Override
    public NDArray clip(Number min, Number max) {
        return apply(new Activation.Clip(min, max));
    }

    @Override
    public NDArray softmax(int axis) {
        return apply(new Activation.Softmax(Math.floorMod(axis, getShape().dimension()), false));
    }

    @Override
    public NDArray logSoftmax(int axis) {
        return apply(new Activation.Softmax(Math.floorMod(axis, getShape().dimension()), true));
    }

    @Override
    public NDArray sum() {
        return reduce(Reduction.Kind.SUM, null, false);
    }

    @Override
    public NDArray sum(int[] axes, boolean keepDims) {
        return reduce(Reduction.Kind.SUM, axes, keepDims);
    }

    @Override
    public NDArray mean() {
        return reduce(Reduction.Kind.MEAN, null, false);
    }

    @Override
    public NDArray mean(int[] axes, boolean keepDims) {
        return reduce(Reduction.Kind.MEAN, axes, keepDims);
    }

    @Override
    public NDArray max() {
        return reduce(Reduction.Kind.MAX, null, false);
    }

    @Override
    public NDArray max(int[] axes, boolean keepDims) {
        return reduce(Reduction.Kind.MAX, axes, keepDims);
    }

    @Override
    public NDArray min() {
        return reduce(Reduction.Kind.MIN, null, false);
    }

    @Override
    public NDArray min(int[] axes, boolean keepDims) {
        return reduce(Reduction.Kind.MIN, axes, keepDims);
    }

    @Override
    public NDArray prod() {
        return reduce(Reduction.Kind.PROD, null, false);
    }

    @Override
    public NDArray prod(int[] axes, boolean keepDims) {
        return reduce(Reduction.Kind.PROD, axes, keepDims);
    }

    private NDArray reduce(Reduction.Kind kind, int[] axes, boolean keep) {
        return apply(Reduction.of(kind, this, axes, keep));
    }

    @Override
    public NDArray argMax(int axis) {
        return apply(new Reduction.Place(Math.floorMod(axis, getShape().dimension()), false));
    }

    @Override
    public NDArray argMin(int axis) {
        return apply(new Reduction.Place(Math.floorMod(axis, getShape().dimension()), true));
    }

    @Override
    public NDArray matMul(NDArray other) {
        return apply(Product.MATRIX, this, other);
    }

    @Override
    public NDArray batchMatMul(NDArray other) {
        return apply(Product.MATRIX, this, other);
    }

    @Override
    public NDArray dot(NDArray other) {
        return apply(Product.MATRIX, this, other);
    }

    @Override
    public NDArrayEx getNDArrayInternal() {
        return TracedOperations.of(this);
    }

    /** Applies an operation for {@link TracedOperations}. */
    TracedArray record(Operation operation, NDArray... operands) {
        return apply(operation, operands);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "recorded " + node;
    }
}
