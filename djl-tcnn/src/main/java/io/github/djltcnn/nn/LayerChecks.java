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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.internal.LibtorchQuirks;
import java.util.Arrays;

/** What a layer refuses, by its name. */
final class LayerChecks {

    private LayerChecks() {}

    /** Refuses anything but one input. */
    static void one(CoreBlock layer, NDList inputs) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(
                    "Layer " + layer.describe() + " takes one input, got " + inputs.size());
        }
    }

    /** Refuses anything but the shape of one input. */
    static void one(CoreBlock layer, Shape... inputShapes) {
        if (inputShapes.length != 1) {
            throw new IllegalArgumentException(
                    "Layer "
                            + layer.describe()
                            + " takes one input, got the shapes "
                            + Arrays.toString(inputShapes));
        }
    }

    /** Refuses a shape for planning that leaves a size open. */
    static void sizes(CoreBlock layer, Shape inputShape) {
        for (long size : inputShape.getShape()) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "Layer "
                                + layer.describe()
                                + " plans for an input whose sizes are all known, its batch"
                                + " included; got "
                                + inputShape);
            }
        }
    }

    /** Refuses a data type that DJL's native code ends the process on. */
    static void type(CoreBlock layer, DataType dataType) {
        if (LibtorchQuirks.abortsOn(dataType)) {
            throw new IllegalArgumentException(
                    "Layer "
                            + layer.describe()
                            + " cannot be of "
                            + dataType
                            + ": DJL has no arrays of it, and its native code would end the"
                            + " process; use FLOAT32, FLOAT16 or FLOAT64");
        }
    }

    /** Refuses planner options that are null. */
    static PlannerOptions given(PlannerOptions options) {
        if (options == null) {
            throw new IllegalArgumentException(
                    "The planner options are null; PlannerOptions.standard() is the default");
        }
        return options;
    }

    /** Refuses a network of another kernel than that of the layer for an input. */
    static void network(CoreBlock layer, TensorNetwork network, KernelSpec spec, Shape inputShape) {
        if (!spec.fits(network)) {
            throw new IllegalArgumentException(
                    "Layer "
                            + layer.describe()
                            + " is a kernel of "
                            + spec
                            + " for input "
                            + inputShape
                            + ", which network \""
                            + network
                            + "\" is not");
        }
    }

    /**
     * Checks the arrays of a layer.
     *
     * @param layer the layer, for its bias and its name
     * @param network the network that it is to have
     * @param coreArrays the cores
     * @param biasArray the bias, or null
     * @throws IllegalArgumentException if they do not fit
     */
    static void arrays(
            CoreBlock layer, TensorNetwork network, NDList coreArrays, NDArray biasArray) {
        boolean hasBias = layer.isIncludeBias();
        Shape biasShape = new Shape(layer.outputChannels());
        String of = " of layer " + layer.describe();
        if (coreArrays.size() != network.cores().size()) {
            throw new IllegalArgumentException(
                    "Network \""
                            + network
                            + "\" has "
                            + network.cores().size()
                            + " cores, got "
                            + coreArrays.size()
                            + " arrays");
        }
        if ((biasArray == null) == hasBias) {
            throw new IllegalArgumentException(
                    "Layer "
                            + layer.describe()
                            + (hasBias
                                    ? " has a bias of shape "
                                            + biasShape
                                            + ", got none; give zeros, or build the layer with"
                                            + " optBias(false)"
                                    : " has no bias, got one of shape " + biasArray.getShape()));
        }
        DataType dataType = coreArrays.head().getDataType();
        for (int n = 0; n < coreArrays.size(); n++) {
            array(
                    "Core " + (n + 1) + of,
                    coreArrays.get(n),
                    network.cores().get(n).shape(),
                    dataType);
        }
        if (biasArray != null) {
            array("The bias" + of, biasArray, biasShape, dataType);
        }
    }

    private static void array(String what, NDArray array, Shape shape, DataType dataType) {
        if (!array.getShape().equals(shape)) {
            throw new IllegalArgumentException(
                    what + " has shape " + shape + ", got " + array.getShape());
        }
        if (array.getDataType() != dataType) {
            throw new IllegalArgumentException(
                    what
                            + " is "
                            + array.getDataType()
                            + ", core 1 is "
                            + dataType
                            + "; all are of one data type");
        }
        Checks.dataType(dataType);
    }
}
