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
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Set;

/** Which arrays between the blocks of a network may be closed before the network is done. */
final class Activations {

    private static final String OURS = "io.github.djltcnn.";

    /** Blocks of DJL that keep no array. Subclasses may. */
    private static final Set<Class<?>> STATELESS =
            Set.of(
                    Conv1d.class,
                    Conv2d.class,
                    Conv3d.class,
                    Linear.class,
                    BatchNorm.class,
                    LayerNorm.class,
                    Dropout.class);

    /** Asked of each class once: predictions go through all blocks. */
    private static final ClassValue<Boolean> KEEPS_NOTHING =
            new ClassValue<>() {
                @Override
                protected Boolean computeValue(Class<?> type) {
                    return (STATELESS.contains(type) || type.getName().startsWith(OURS))
                            && (!ParallelBlock.class.isAssignableFrom(type) || joinsItself(type));
                }
            };

    private Activations() {}

    /**
     * Whether nobody but the blocks of a tree sees the arrays between them, and the blocks keep
     * none.
     */
    static boolean areUnseen(ParameterStore store, Block block, NDList inputs) {
        // Another store, and arrays of another kind, are those of somebody who looks on.
        boolean plain =
                store.getClass() == ParameterStore.class
                        || (store instanceof LayerPass pass && !pass.isWatched());
        return plain
                && inputs.stream().noneMatch(array -> array instanceof NDArrayAdapter)
                && isStateless(block);
    }

    private static boolean isStateless(Block block) {
        boolean returnsAll = block instanceof SequentialBlock chain && chain.isReturnIntermediate();
        if (!KEEPS_NOTHING.get(block.getClass()) || returnsAll) {
            return false;
        }
        for (Block child : block.getChildren().values()) {
            if (!isStateless(child)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a parallel block does not leave the joining of its branches to a given function. */
    private static boolean joinsItself(Class<?> type) {
        try {
            return type.getDeclaredMethod(
                            "forwardInternal",
                            ParameterStore.class,
                            NDList.class,
                            boolean.class,
                            PairList.class)
                    != null;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    /** Closes arrays that a block has made, but for those that are in one of the lists. */
    static void close(NDList made, NDList... kept) {
        for (NDArray array : made) {
            boolean isKept = false;
            for (NDList list : kept) {
                for (NDArray other : list) {
                    isKept |= other == array;
                }
            }
            if (!isKept) {
                array.close();
            }
        }
    }
}
