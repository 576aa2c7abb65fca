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
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/** The manager of arrays that record: what it makes are constants. */
final class TracedManager extends BaseNDManager {

    private final Trace trace;

    /**
     * Creates a manager.
     *
     * @param trace what its arrays write to
     * @param parent a manager of the engine, or one like this
     */
    TracedManager(Trace trace, NDManager parent) {
        super(parent, parent.getDevice());
        this.trace = trace;
    }

    private NDArray constant(NDArray array) {
        return own(trace.constant(null, array));
    }

    private NDArray own(NDArray array) {
        array.attach(this);
        return array;
    }

    @Override
    public NDArray create(Buffer data, Shape shape, DataType dataType) {
        return constant(trace.values().create(data, shape, dataType));
    }

    @Override
    public NDArray zeros(Shape shape, DataType dataType) {
        return own(trace.full(shape, 0, dataType));
    }

    @Override
    public NDArray ones(Shape shape, DataType dataType) {
        return own(trace.full(shape, 1, dataType));
    }

    @Override
    public NDArray full(Shape shape, float value, DataType dataType) {
        return own(trace.full(shape, value, dataType));
    }

    @Override
    public NDArray arange(int start, int stop, int step, DataType dataType) {
        return constant(trace.values().arange(start, stop, step, dataType));
    }

    @Override
    public NDArray arange(float start, float stop, float step, DataType dataType) {
        return constant(trace.values().arange(start, stop, step, dataType));
    }

    @Override
    public NDArray eye(int rows, int cols, int k, DataType dataType) {
        return constant(trace.values().eye(rows, cols, k, dataType));
    }

    @Override
    public NDArray linspace(float start, float stop, int num, boolean endpoint) {
        return constant(trace.values().linspace(start, stop, num, endpoint));
    }

    @Override
    public NDArray from(NDArray array) {
        return array == null || array instanceof TracedArray ? array : constant(array);
    }

    @Override
    public ByteBuffer allocateDirect(int capacity) {
        return trace.values().allocateDirect(capacity);
    }

    @Override
    public NDManager newSubManager(Device device) {
        TracedManager manager = new TracedManager(trace, this);
        attachUncappedInternal(manager.uid, manager);
        return manager;
    }

    /** Called before the fields of this class are set. */
    @Override
    public Engine getEngine() {
        return parent.getEngine();
    }
}
