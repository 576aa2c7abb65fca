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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.common.internal.RealArrays;

/** The trained kernels of dense layers, read and checked. */
final class KernelWeights {

    private KernelWeights() {}

    /** The kernel of a layer; it need not be initialised. */
    static Parameter parameter(BlockTree.Leaf leaf) {
        return leaf.block().getDirectParameters().get("weight");
    }

    /** The numbers of the kernel, row-major. */
    static double[] values(BlockTree.Leaf leaf) {
        return RealArrays.toDouble(parameter(leaf).getArray());
    }

    /**
     * Refuses a kernel that cannot be converted, whatever the format.
     *
     * @param leaf an initialised layer
     * @return whether all its weights are zero: no format has a direction to keep then
     * @throws IllegalArgumentException if its data type is none that cores can have, or one of its
     *     numbers is not finite
     */
    static boolean isZero(BlockTree.Leaf leaf) {
        DataType dataType = parameter(leaf).getArray().getDataType();
        if (!RealArrays.isSupported(dataType)) {
            throw new IllegalArgumentException(
                    "its weights are "
                            + dataType
                            + ", and cores are float16, float32 or float64; convert the model in"
                            + " one of these");
        }
        double[] values = values(leaf);
        boolean zero = true;
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "entry "
                                + i
                                + " of its weights is "
                                + values[i]
                                + "; only finite kernels can be decomposed");
            }
            zero &= values[i] == 0;
        }
        return zero;
    }
}
