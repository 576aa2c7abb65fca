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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The parameters of a layer: one per core and the bias. Until the network is known, one parameter
 * {@code core} stands for all cores.
 */
final class CoreParameters {

    private List<Parameter> cores;
    private Parameter bias;

    /** Creates the parameters of a layer whose network is not known yet. */
    CoreParameters(boolean includeBias) {
        Parameter placeholder =
                Parameter.builder()
                        .setName("core")
                        .setType(Parameter.Type.WEIGHT)
                        .optInitializer(TensorialInitializer.fanIn())
                        .build();
        cores = List.of(placeholder);
        if (includeBias) {
            bias = Parameter.builder().setName("bias").setType(Parameter.Type.BIAS).build();
        }
    }

    /** The cores, then the bias. */
    List<Parameter> all() {
        List<Parameter> all = new ArrayList<>(cores);
        if (bias != null) {
            all.add(bias);
        }
        return all;
    }

    boolean hasBias() {
        return bias != null;
    }

    /** Tells a bias without numbers its shape. */
    void setBiasShape(Shape shape) {
        if (bias != null && !bias.isInitialized()) {
            bias.setShape(shape);
        }
    }

    /** The arrays of the cores themselves. */
    NDList cores() {
        NDList arrays = new NDList(cores.size());
        cores.forEach(core -> arrays.add(core.getArray()));
        return arrays;
    }

    /** The arrays of the cores that a pass on a device reads. */
    NDList cores(ParameterStore store, Device device, boolean training, Supplier<String> layer) {
        NDList arrays = new NDList(cores.size());
        for (Parameter core : cores) {
            arrays.add(LayerPass.value(store, core, device, training, layer));
        }
        return arrays;
    }

    /** The bias that a pass on a device reads; null for none. */
    NDArray bias(ParameterStore store, Device device, boolean training, Supplier<String> layer) {
        return bias == null ? null : LayerPass.value(store, bias, device, training, layer);
    }

    /** Binds the initializers that want to know the network. */
    void bind(Function<TensorialInitializer, List<Initializer>> binding) {
        BoundInitializer.bind(cores, binding);
    }

    /** Gives the cores back the initializers that were set. */
    void unbind() {
        BoundInitializer.unbind(cores);
    }

    /**
     * Becomes the parameters of a network, which take over initializers and frozen flags. Arrays
     * that are not parameters afterwards are closed.
     *
     * @param network the network
     * @param coreArrays the arrays of the cores; null for none yet
     * @param biasArray the bias; null to leave it as it is
     */
    void replace(TensorNetwork network, NDList coreArrays, NDArray biasArray) {
        List<Parameter> before = all();
        List<Parameter> fresh = new ArrayList<>();
        for (Core core : network.cores()) {
            int n = fresh.size();
            NDArray array = coreArrays == null ? null : coreArrays.get(n);
            Parameter old = cores.get(Math.min(n, cores.size() - 1));
            fresh.add(successor(old, "core" + (n + 1), core.shape(), array));
        }
        if (biasArray != null) {
            bias = successor(bias, "bias", biasArray.getShape(), biasArray);
        }
        cores = List.copyOf(fresh);
        closeUnused(before);
    }

    private void closeUnused(List<Parameter> before) {
        List<NDArray> used =
                all().stream().filter(Parameter::isInitialized).map(Parameter::getArray).toList();
        for (Parameter parameter : before) {
            if (parameter.isInitialized()) {
                NDArray array = parameter.getArray();
                if (used.stream().noneMatch(other -> other == array)) {
                    parameter.close();
                }
            }
        }
    }

    private static Parameter successor(Parameter old, String name, Shape shape, NDArray array) {
        if (array != null) {
            array.setName(name);
        }
        return Parameter.builder()
                .setName(name)
                .setType(old.getType())
                .optInitializer(old.getInitializer())
                .optRequiresGrad(old.requiresGradient())
                .optShape(shape)
                .optArray(array)
                .build();
    }
}
