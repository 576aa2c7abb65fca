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
package io.github.djltcnn.blocks.internal;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.nn.TensorialBlock;
import io.github.djltcnn.nn.TensorialLinear;
import java.util.Arrays;

/** Checks what DJL computes with until the arrays themselves do not fit: channels of inputs. */
final class LayerInputs {

    private LayerInputs() {}

    /**
     * Refuses shapes that are no shapes of inputs.
     *
     * @param inputs the shapes of the inputs of a model
     * @throws IllegalArgumentException if a size is below 1
     */
    static void check(Shape... inputs) {
        for (Shape input : inputs) {
            if (input.dimension() == 0 || Arrays.stream(input.getShape()).anyMatch(s -> s < 1)) {
                throw new IllegalArgumentException(
                        "The shape of an input has sizes of at least 1, its batch included, such as"
                                + " (1, 3, 32, 32); got "
                                + input);
            }
        }
    }

    /**
     * Refuses an input that does not have the channels of an initialised layer.
     *
     * @param path the path of the layer
     * @param block the layer; others than convolutions, linear layers and batch normalisations, and
     *     layers without parameters, are not looked at
     * @param input the shape of its input
     * @throws IllegalArgumentException if the number of channels is another; names the layer
     */
    static void check(String path, Block block, Shape input) {
        long expected = channels(block);
        int axis = axis(block, input);
        if (expected > 0 && (axis >= input.dimension() || input.get(axis) != expected)) {
            throw new IllegalArgumentException(
                    "Layer "
                            + BlockTree.shown(path)
                            + " ("
                            + block.getClass().getSimpleName()
                            + ") takes "
                            + expected
                            + (isLinear(block) ? " features" : " channels")
                            + " on axis "
                            + axis
                            + ", got an input of shape "
                            + input
                            + "; give the shape that the model was made for");
        }
    }

    private static int axis(Block block, Shape input) {
        if (block instanceof BatchNorm norm) {
            return DjlInternals.axis(norm);
        }
        return isLinear(block) ? input.dimension() - 1 : 1;
    }

    private static boolean isLinear(Block block) {
        return block instanceof Linear || block instanceof TensorialLinear;
    }

    /** How many channels an initialised layer takes; 0 if that is not known. */
    private static long channels(Block block) {
        if (block instanceof TensorialBlock tensorial) {
            return tensorial.isInitialized() ? tensorial.getNetwork().inputChannels() : 0;
        }
        Parameter weight = block.getDirectParameters().get("weight");
        if (block instanceof Convolution convolution && isInitialized(weight)) {
            return weight.getArray().getShape().get(1) * convolution.getGroups();
        }
        if (block instanceof Linear && isInitialized(weight)) {
            return weight.getArray().getShape().get(1);
        }
        Parameter mean = block.getDirectParameters().get("runningMean");
        if (block instanceof BatchNorm && isInitialized(mean)) {
            return mean.getArray().size();
        }
        return 0;
    }

    private static boolean isInitialized(Parameter parameter) {
        return parameter != null && parameter.isInitialized();
    }
}
