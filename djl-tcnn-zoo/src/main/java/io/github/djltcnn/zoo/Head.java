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
package io.github.djltcnn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.common.internal.GivenArray;
import java.util.List;

/**
 * The last part of a {@link TensorialResNet}: the mean over all pixels and a linear layer. Whatever
 * initializer draws the weight of that layer, it is multiplied by a fixed number, so that the first
 * answers are nearly the same for all classes. A weight that is there already, because it was
 * loaded or set, stays as it is.
 */
final class Head extends NamedSequential {

    private final float scale;

    /**
     * Creates the block.
     *
     * @param path the path of this block from the root
     * @param pool the mean over all pixels
     * @param linear the linear layer
     * @param scale the factor of the weight, positive
     */
    Head(String path, Block pool, Block linear, float scale) {
        super(path);
        this.scale = scale;
        add("pool", pool);
        add("linear", linear);
    }

    @Override
    public void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        boolean present = weights().stream().anyMatch(Head::isGiven);
        super.initializeChildBlocks(manager, dataType, inputShapes);
        if (!present) {
            // The weight of a tensorial layer is the product of its cores: each takes its share.
            List<Parameter> drawn = weights();
            double share = Math.pow(scale, 1.0 / drawn.size());
            drawn.forEach(parameter -> multiply(parameter.getArray(), share));
        }
    }

    private static boolean isGiven(Parameter weight) {
        return weight.isInitialized() || weight.getInitializer() instanceof GivenArray;
    }

    /** Of the layer that is there now: a conversion may have put another in its place. */
    private List<Parameter> weights() {
        return children.valueAt(children.size() - 1).getParameters().values().stream()
                .filter(parameter -> parameter.getType() == Parameter.Type.WEIGHT)
                .toList();
    }

    private static void multiply(NDArray array, double factor) {
        boolean trained = array.hasGradient();
        // A leaf that gradients are kept for must not be changed in place.
        array.setRequiresGradient(false);
        array.muli(factor);
        array.setRequiresGradient(trained);
    }
}
