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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Set;

/**
 * The arrays of one evaluation: one slot per core and per result of a step. Whatever is put into a
 * slot belongs to a manager of the workspace's own and is closed with it, or as soon as the step
 * that reads it is done.
 *
 * <p>DJL attaches the result of an operation to the manager of its first operand. A core belongs to
 * the model, so nothing may start from a core: a core enters by {@code 0 + core}, and the 0 belongs
 * to the workspace. The gradient passes through untouched.
 */
final class Workspace implements AutoCloseable {

    private static final Set<DataType> SUPPORTED =
            Set.of(DataType.FLOAT32, DataType.FLOAT64, DataType.FLOAT16);

    private final NDManager manager;
    private final NDArray zero;
    private final NDArray[] slots;
    private NDArray lent;

    Workspace(NDManager parent, DataType dataType, int numSlots) {
        checkDataType(dataType);
        manager = parent.newSubManager();
        zero = manager.zeros(new Shape(), dataType);
        slots = new NDArray[numSlots];
    }

    static void checkDataType(DataType dataType) {
        if (!SUPPORTED.contains(dataType)) {
            throw new IllegalArgumentException(
                    "A tensorial layer computes in float32, float64 or float16, got "
                            + dataType
                            + "; convert the input with toType(DataType.FLOAT32, false)");
        }
    }

    /** Checks that the cores are those of a network. */
    static void checkCores(ModeTable table, NDList cores, DataType dataType) {
        int expected = table.numCores();
        if (cores.size() != expected) {
            throw new IllegalArgumentException(
                    "\"" + table.network() + "\" has " + expected + " cores, got " + cores.size());
        }
        for (int n = 0; n < expected; n++) {
            Shape shape = table.network().cores().get(n).shape();
            if (!cores.get(n).getShape().equals(shape)) {
                throw new IllegalArgumentException(
                        "Core "
                                + (n + 1)
                                + " of \""
                                + table.network()
                                + "\" has shape "
                                + shape
                                + ", got "
                                + cores.get(n).getShape());
            }
            if (cores.get(n).getDataType() != dataType) {
                throw new IllegalArgumentException(
                        "Core "
                                + (n + 1)
                                + " is "
                                + cores.get(n).getDataType()
                                + ", the rest of the computation "
                                + dataType
                                + "; use one data type");
            }
        }
    }

    /** Makes an array belong to this workspace. */
    NDArray own(NDArray array) {
        array.attach(manager);
        return array;
    }

    /** A copy of a parameter that belongs to this workspace and passes the gradient on. */
    NDArray enter(NDArray parameter) {
        return zero.add(parameter);
    }

    NDArray get(int slot) {
        return slots[slot];
    }

    void put(int slot, NDArray array) {
        slots[slot] = own(array);
    }

    /** Puts an array into a slot that stays the caller's. */
    void lend(int slot, NDArray array) {
        slots[slot] = array;
        lent = array;
    }

    /** Closes the array in a slot, which no later step reads. */
    void drop(int slot) {
        if (slots[slot] != lent) {
            slots[slot].close();
        }
        slots[slot] = null;
    }

    @Override
    public void close() {
        manager.close();
    }
}
