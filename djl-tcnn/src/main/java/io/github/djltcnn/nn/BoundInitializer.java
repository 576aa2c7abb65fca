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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.djltcnn.initializer.TensorialInitializer;
import java.util.List;
import java.util.function.Function;

/**
 * An initializer that knows the network of its layer, and the one it was made from.
 *
 * @param unbound what the user has set
 * @param bound draws one core
 */
record BoundInitializer(TensorialInitializer unbound, Initializer bound) implements Initializer {

    /**
     * Tells the initializers of cores the network. Cores that share one are drawn together, as one
     * layer.
     *
     * @param cores the cores of a layer
     * @param binding makes one initializer per core
     */
    static void bind(
            List<Parameter> cores, Function<TensorialInitializer, List<Initializer>> binding) {
        for (int n = 0; n < cores.size(); n++) {
            if (cores.get(n).getInitializer() instanceof TensorialInitializer tensorial) {
                List<Initializer> bound = binding.apply(tensorial);
                for (int m = n; m < cores.size(); m++) {
                    if (cores.get(m).getInitializer() == tensorial) {
                        cores.get(m).setInitializer(new BoundInitializer(tensorial, bound.get(m)));
                    }
                }
            }
        }
    }

    /** Gives cores back the initializers that the user has set. */
    static void unbind(List<Parameter> cores) {
        for (Parameter core : cores) {
            if (core.getInitializer() instanceof BoundInitializer bound) {
                core.setInitializer(bound.unbound());
            }
        }
    }

    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
        return bound.initialize(manager, shape, dataType);
    }
}
