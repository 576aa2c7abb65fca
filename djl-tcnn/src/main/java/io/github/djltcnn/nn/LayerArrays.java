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
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.network.TensorNetwork;

/** Checks arrays that are to be the parameters of a layer. */
final class LayerArrays {

    private LayerArrays() {}

    /**
     * Checks the arrays of a layer.
     *
     * @param layer the layer, for its bias and its name
     * @param network the network that it is to have
     * @param coreArrays the cores
     * @param biasArray the bias, or null
     * @throws IllegalArgumentException if they do not fit
     */
    static void check(
            TensorialBlock layer, TensorNetwork network, NDList coreArrays, NDArray biasArray) {
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
            check(
                    "Core " + (n + 1) + of,
                    coreArrays.get(n),
                    network.cores().get(n).shape(),
                    dataType);
        }
        if (biasArray != null) {
            check("The bias" + of, biasArray, biasShape, dataType);
        }
    }

    private static void check(String what, NDArray array, Shape shape, DataType dataType) {
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
