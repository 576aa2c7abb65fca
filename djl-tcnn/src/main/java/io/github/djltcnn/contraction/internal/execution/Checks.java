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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.Set;

/** Refuses what no evaluation can take, before it reaches the engine. */
public final class Checks {

    private static final Set<DataType> SUPPORTED =
            Set.of(DataType.FLOAT32, DataType.FLOAT64, DataType.FLOAT16);

    private Checks() {}

    /** Refuses data types that libtorch has no convolution for, or that DJL aborts on. */
    public static void dataType(DataType dataType) {
        if (!SUPPORTED.contains(dataType)) {
            throw new IllegalArgumentException(
                    "A tensorial layer computes in float32, float64 or float16, got "
                            + dataType
                            + "; convert the input with toType(DataType.FLOAT32, false)");
        }
    }

    /** Refuses cores that are not those of a network. */
    public static void cores(TensorNetwork network, NDList cores, DataType dataType) {
        List<Core> expected = network.cores();
        if (cores.size() != expected.size()) {
            throw new IllegalArgumentException(
                    "\"" + network + "\" has " + expected.size() + " cores, got " + cores.size());
        }
        for (int n = 0; n < expected.size(); n++) {
            Shape shape = expected.get(n).shape();
            NDArray core = cores.get(n);
            if (!core.getShape().equals(shape)) {
                throw new IllegalArgumentException(
                        "Core "
                                + (n + 1)
                                + " of \""
                                + network
                                + "\" has shape "
                                + shape
                                + ", got "
                                + core.getShape());
            }
            if (core.getDataType() != dataType) {
                throw new IllegalArgumentException(
                        "Core "
                                + (n + 1)
                                + " is "
                                + core.getDataType()
                                + ", the rest of the computation "
                                + dataType
                                + "; use one data type");
            }
        }
    }

    /** Refuses an input on another device than the cores. */
    public static void device(NDArray x, NDList cores) {
        for (NDArray core : cores) {
            if (!core.getDevice().equals(x.getDevice())) {
                throw new IllegalArgumentException(
                        "The input is on "
                                + x.getDevice()
                                + ", the cores are on "
                                + core.getDevice()
                                + "; bring the input there with toDevice(..), or the model to the"
                                + " input's device");
            }
        }
    }

    /** Refuses an input that a plan was not made for. */
    public static void input(NDArray x, Shape planned) {
        if (!x.getShape().equals(planned)) {
            throw new IllegalArgumentException(
                    "This plan is for inputs of shape "
                            + planned
                            + ", got "
                            + x.getShape()
                            + "; ask the planner for a plan of the new shape");
        }
        dataType(x.getDataType());
    }

    /** Refuses a bias that is not one number per output channel. */
    public static void bias(NDArray bias, long channels) {
        if (bias != null && !bias.getShape().equals(new Shape(channels))) {
            throw new IllegalArgumentException(
                    "A bias has one number per output channel, shape ("
                            + channels
                            + "), got "
                            + bias.getShape());
        }
    }
}
