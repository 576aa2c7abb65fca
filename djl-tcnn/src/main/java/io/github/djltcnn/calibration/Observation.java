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
package io.github.djltcnn.calibration;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.List;

/** What watching a pass takes, whatever for. */
final class Observation {

    private Observation() {}

    /** Checks that there is something to watch. */
    static void check(Block block) {
        if (!block.isInitialized()) {
            throw new IllegalArgumentException(
                    "The block is not initialized; initialize it, or its trainer, with the shape of"
                            + " the batch first");
        }
        if (countLayers(block) == 0) {
            throw new IllegalArgumentException(
                    "The block has no tensorial layer (TensorialConv1d, 2d, 3d, TensorialLinear);"
                            + " there is nothing to measure");
        }
    }

    private static int countLayers(Block block) {
        if (block instanceof TensorialBlock) {
            return 1;
        }
        int count = 0;
        for (Block child : block.getChildren().values()) {
            count += countLayers(child);
        }
        return count;
    }

    /** Returns views of a batch that belong to another manager, as all results of them will. */
    static NDList copy(NDList batch, NDManager manager) {
        NDList copy = new NDList();
        for (NDArray array : batch) {
            NDArray duplicate = array.duplicate();
            duplicate.attach(manager);
            copy.add(duplicate);
        }
        return copy;
    }

    /** Returns the sum of all outputs, each times a standard normal number. */
    static NDArray randomError(NDList outputs) {
        NDArray error = null;
        for (NDArray output : outputs) {
            NDArray noise =
                    output.getManager().randomNormal(0, 1, output.getShape(), output.getDataType());
            NDArray part = output.mul(noise).sum();
            error = error == null ? part : error.add(part);
        }
        return error;
    }

    /** Returns the cores of a layer in the order of its network. */
    static List<Parameter> cores(TensorialBlock block) {
        List<Parameter> cores = new ArrayList<>();
        for (Parameter parameter : block.getDirectParameters().values()) {
            if (parameter.getType() == Parameter.Type.WEIGHT) {
                cores.add(parameter);
            }
        }
        return cores;
    }

    /** Returns the bias of a layer, or null. */
    static Parameter bias(TensorialBlock block) {
        return block.isIncludeBias() ? block.getDirectParameters().get("bias") : null;
    }

    /** Changes the numbers of an array that gradients may be kept for. */
    static void inPlace(NDArray array, Runnable change) {
        boolean trained = array.hasGradient();
        // A leaf that gradients are kept for must not be changed in place.
        array.setRequiresGradient(false);
        change.run();
        array.setRequiresGradient(trained);
    }
}
