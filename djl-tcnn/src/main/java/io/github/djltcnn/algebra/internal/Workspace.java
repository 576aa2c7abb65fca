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
package io.github.djltcnn.algebra.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Where a piece of work is done: on the Java heap, or by libtorch in memory of its own, which is
 * freed when the workspace is closed.
 *
 * <p>A call of libtorch costs some microseconds whatever it does, and then multiplies ten times as
 * fast. So little work stays on the heap; {@link #CROSSOVER} says how little. Tensors go from one
 * to the other by {@link #take} and {@link Tensor#toHeap}. A native workspace is for one thread.
 */
public final class Workspace implements AutoCloseable {

    /**
     * Multiply-adds from which on libtorch is faster. Measured by the program {@code
     * AlgebraCrossover}: single products are even at 1e5, singular vectors and systems of equations
     * at 4e5, and a contraction is several products.
     */
    public static final double CROSSOVER = 4e5;

    /** Entries beyond those of a kernel that a native intermediate may have in any case. */
    private static final double SPARE_ENTRIES = 4e6;

    /** Bytes of the largest buffer that a thread keeps. */
    private static final int MOST_STAGED = 32 << 20;

    private static final ThreadLocal<ByteBuffer> STAGING = new ThreadLocal<>();

    private static final Workspace HEAP = new Workspace(null);

    private final NDManager manager;

    private Workspace(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Chooses the place for some work.
     *
     * @param multiplyAdds how much it is
     * @return the heap, or a new native workspace
     */
    public static Workspace forWork(double multiplyAdds) {
        return multiplyAdds < CROSSOVER ? HEAP : libtorch();
    }

    /**
     * Returns the heap.
     *
     * @return the heap; closing it does nothing
     */
    public static Workspace heap() {
        return HEAP;
    }

    /**
     * Opens a native workspace.
     *
     * @return a workspace, to be closed
     */
    public static Workspace libtorch() {
        return new Workspace(NDManager.newBaseManager(Device.cpu(), "PyTorch"));
    }

    /**
     * Bounds the intermediates of contractions with a kernel.
     *
     * @param entries the entries of the kernel
     * @return the most entries of an intermediate: four kernels and 32 MB
     */
    public static double limit(double entries) {
        return 4 * entries + SPARE_ENTRIES;
    }

    /**
     * Tells where this is.
     *
     * @return whether outside the heap
     */
    public boolean isNative() {
        return manager != null;
    }

    /**
     * Brings a tensor here.
     *
     * @param tensor a tensor; one that is native belongs to this workspace, or is resident
     * @return the tensor itself if it is here; it may share its memory with the given one
     */
    public Tensor take(Tensor tensor) {
        if (manager == null) {
            return tensor.toHeap();
        }
        NativeArray array = tensor.array();
        if (array == null) {
            return tensor.with(new NativeArray(create(tensor.data(), tensor.dims())));
        }
        return array.manager() == manager ? tensor : tensor.with(array.alias(manager));
    }

    /**
     * Keeps a tensor here as well that much work is to be done with. It may be used in any
     * workspace while this one is open, and the orders of axes that products want are kept.
     *
     * @param tensor a tensor on the heap, whose entries do not change any more, or one made here
     * @return the same tensor; one of the heap is then in both places, if this is not the heap
     */
    public Tensor keep(Tensor tensor) {
        if (manager == null || (!tensor.isNative() && tensor.array() != null)) {
            return tensor;
        }
        NDArray array =
                tensor.isNative()
                        ? tensor.array().turned(tensor, tensor.labels())
                        : create(tensor.data(), tensor.dims());
        return tensor.resident(NativeArray.resident(array, tensor.labels()));
    }

    /**
     * Makes a native array of numbers.
     *
     * @param data the numbers
     * @param dims the axes
     * @return the array, which belongs to this workspace
     */
    NDArray create(double[] data, int... dims) {
        Shape shape = new Shape(Arrays.stream(dims).asLongStream().toArray());
        ByteBuffer buffer = staging(Math.multiplyExact(data.length, Double.BYTES));
        buffer.asDoubleBuffer().put(data);
        // The first array is the buffer itself, which is needed again.
        try (NDArray staged = manager.create(buffer, shape, DataType.FLOAT64)) {
            return staged.duplicate();
        }
    }

    /**
     * A buffer to copy through. DJL would make one for each array, and the virtual machine frees
     * buffers late.
     */
    private static ByteBuffer staging(int bytes) {
        ByteBuffer known = STAGING.get();
        if (known == null || known.capacity() < bytes) {
            int size = bytes > MOST_STAGED ? bytes : Math.min(MOST_STAGED, 2 * bytes + 4096);
            known = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
            if (size <= MOST_STAGED) {
                STAGING.set(known);
            }
        }
        known.clear().limit(bytes);
        return known;
    }

    /**
     * Frees a tensor that was made here, before the workspace is closed.
     *
     * @param tensor a tensor; one on the heap or kept elsewhere is left alone
     */
    public void free(Tensor tensor) {
        tensor.close();
    }

    /** Frees what is native here. */
    @Override
    public void close() {
        if (manager != null) {
            manager.close();
        }
    }
}
