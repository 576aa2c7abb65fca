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
package io.github.djltcnn.batchnorm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.DjlInternals;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.Layers;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Copies a layer with a kernel, scaling its output channels and shifting them by what a batch
 * normalisation says. The arithmetic of the factors is in double precision.
 */
final class LayerScaling {

    private final BlockTree.Leaf leaf;
    private final NDManager manager;
    private final DataType dataType;
    private final KernelLayer layer;
    private final double[] scale;
    private final double[] shift;

    /**
     * Prepares a copy.
     *
     * @param leaf the layer
     * @param layer its settings
     * @param norm the normalisation after it; null for a plain copy
     * @param manager takes the parameters of the copy
     */
    LayerScaling(BlockTree.Leaf leaf, KernelLayer layer, BatchNorm norm, NDManager manager) {
        this.leaf = leaf;
        this.manager = manager;
        ParameterList parameters = leaf.block().getDirectParameters();
        dataType = parameters.valueAt(0).getArray().getDataType();
        if (norm == null) {
            this.layer = layer;
            scale = null;
            shift = layer.bias() ? values(parameters.get("bias")) : null;
            return;
        }
        this.layer = layer.withBias();
        ParameterList of = norm.getDirectParameters();
        double[] mean = values(of.get("runningMean"));
        double[] variance = values(of.get("runningVar"));
        double[] gamma = values(of.get("gamma"));
        shift = values(of.get("beta"));
        scale = new double[shift.length];
        double[] bias = layer.bias() ? values(parameters.get("bias")) : new double[shift.length];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = gamma[c] / Math.sqrt(variance[c] + DjlInternals.epsilon(norm));
            shift[c] += scale[c] * (bias[c] - mean[c]);
        }
    }

    private static double[] values(Parameter parameter) {
        try (NDArray wide = parameter.getArray().toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray();
        }
    }

    /** The copy, initialised. */
    Block copy() {
        return leaf.block() instanceof TensorialBlock block ? tensorial(block) : dense();
    }

    private Block dense() {
        Block dense = Layers.newDense(layer);
        ParameterList parameters = dense.getDirectParameters();
        NDArray weight = leaf.block().getDirectParameters().get("weight").getArray();
        if (scale == null) {
            parameters.get("weight").setArray(duplicate(weight, manager));
        } else {
            long[] rows = new long[weight.getShape().dimension()];
            Arrays.fill(rows, 1);
            rows[0] = scale.length;
            try (NDArray factors = array(scale, new Shape(rows))) {
                parameters.get("weight").setArray(product(weight, factors));
            }
        }
        if (shift != null) {
            parameters.get("bias").setArray(array(shift, new Shape(shift.length)));
        }
        dense.initialize(manager, dataType, leaf.input());
        return dense;
    }

    private Block tensorial(TensorialBlock block) {
        List<Core> cores = new ArrayList<>(block.getNetwork().cores());
        List<Mode> outputs = new ArrayList<>(block.getNetwork().modes(Role.GROUP));
        outputs.addAll(block.getNetwork().modes(Role.OUTPUT));
        List<NDArray> arrays = new ArrayList<>();
        boolean scaled = scale == null;
        for (Parameter parameter : block.getDirectParameters().values()) {
            if (parameter.getType() != Parameter.Type.WEIGHT) {
                continue;
            }
            Core core = cores.get(arrays.size());
            if (!scaled && core.modes().containsAll(outputs)) {
                arrays.add(scaled(parameter.getArray(), core, outputs));
                scaled = true;
            } else {
                arrays.add(duplicate(parameter.getArray(), manager));
            }
        }
        if (!scaled) {
            cores.add(new Core(outputs));
            arrays.add(array(scale, sizes(outputs)));
        }
        TensorialBlock copy = Layers.tensorial(layer, new TensorNetwork(cores), block.getName());
        Iterator<NDArray> next = arrays.iterator();
        copy.setInitializer((m, shape, type) -> next.next(), Parameter.Type.WEIGHT);
        copy.setInitializer((m, shape, type) -> array(shift, shape), Parameter.Type.BIAS);
        copy.initialize(manager, dataType, leaf.input());
        copy.setInitializer(TensorialInitializer.fanIn(), Parameter.Type.WEIGHT);
        copy.setInitializer(Parameter.Type.BIAS.getInitializer(), Parameter.Type.BIAS);
        return copy;
    }

    /** A core that has all output modes, each of its output channels scaled. */
    private NDArray scaled(NDArray array, Core core, List<Mode> outputs) {
        long[] shape = new long[core.modes().size()];
        List<Integer> order = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            int output = outputs.indexOf(core.modes().get(axis));
            shape[axis] = output < 0 ? 1 : outputs.get(output).size();
            if (output >= 0) {
                order.add(output);
            }
        }
        try (NDArray factors = array(scale, sizes(outputs));
                NDArray turned =
                        factors.transpose(order.stream().mapToInt(Integer::intValue).toArray());
                NDArray spread = turned.reshape(new Shape(shape))) {
            return product(array, spread);
        }
    }

    private static Shape sizes(List<Mode> modes) {
        return new Shape(modes.stream().mapToLong(Mode::size).toArray());
    }

    private NDArray array(double[] values, Shape shape) {
        try (NDArray wide = manager.create(values, shape)) {
            return wide.toType(dataType, true);
        }
    }

    /** The product, as an array of the new tree's and no part of a graph of gradients. */
    private NDArray product(NDArray array, NDArray factors) {
        try (NDArray product = array.mul(factors)) {
            NDArray result = product.stopGradient();
            result.attach(manager);
            return result;
        }
    }

    /** A copy, as an array of another manager's and no part of a graph of gradients. */
    static NDArray duplicate(NDArray array, NDManager manager) {
        try (NDArray copy = array.duplicate()) {
            NDArray result = copy.stopGradient();
            result.attach(manager);
            return result;
        }
    }
}
