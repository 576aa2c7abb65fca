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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParameterList;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.ModelCopy;
import io.github.djltcnn.common.internal.RealArrays;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies layers with a kernel, with the normalisation after them folded in. That is computed in
 * double precision and rounded once.
 */
final class FoldedLayer {

    private final NDManager manager;

    /**
     * Prepares copies.
     *
     * @param manager takes their parameters
     */
    FoldedLayer(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Copies a layer with the normalisation after it.
     *
     * @param leaf the layer
     * @param layer its settings
     * @param norm the normalisation of its output channels
     * @return a layer with a bias, initialised
     */
    Block of(BlockTree.Leaf leaf, KernelLayer layer, BatchNorm norm) {
        ParameterList parameters = leaf.block().getDirectParameters();
        ChannelScaling scaling =
                ChannelScaling.of(
                        norm,
                        parameters.contains("bias")
                                ? RealArrays.toDouble(parameters.get("bias").getArray())
                                : null);
        DataType dataType = parameters.valueAt(0).getArray().getDataType();
        NDArray newBias =
                RealArrays.create(
                        manager, scaling.bias(), new Shape(scaling.bias().length), dataType);
        KernelLayer withBias = layer.withBias();
        if (leaf.block() instanceof TensorialBlock block) {
            return tensorial(leaf, withBias, block, scaling.scale(), newBias);
        }
        NDArray weight = parameters.get("weight").getArray();
        double[] values = RealArrays.toDouble(weight);
        int perChannel = values.length / scaling.scale().length;
        for (int i = 0; i < values.length; i++) {
            values[i] *= scaling.scale()[i / perChannel];
        }
        NDArray scaled = RealArrays.create(manager, values, weight.getShape(), dataType);
        return ModelCopy.dense(leaf, withBias, scaled, newBias, manager);
    }

    /** Scales the core that has all output modes, or adds one that has them and nothing else. */
    private Block tensorial(
            BlockTree.Leaf leaf,
            KernelLayer layer,
            TensorialBlock block,
            double[] scale,
            NDArray bias) {
        List<Core> cores = new ArrayList<>(block.getNetwork().cores());
        List<Mode> outputs = new ArrayList<>(block.getNetwork().modes(Role.GROUP));
        outputs.addAll(block.getNetwork().modes(Role.OUTPUT));
        NDList arrays = new NDList();
        boolean scaled = false;
        for (NDArray array : block.getCores()) {
            Core core = cores.get(arrays.size());
            if (!scaled && core.modes().containsAll(outputs)) {
                arrays.add(scaled(array, core, outputs, scale));
                scaled = true;
            } else {
                arrays.add(ModelCopy.duplicate(array, manager));
            }
        }
        if (!scaled) {
            Shape shape = new Shape(outputs.stream().mapToLong(Mode::size).toArray());
            cores.add(new Core(outputs));
            arrays.add(RealArrays.create(manager, scale, shape, bias.getDataType()));
        }
        return ModelCopy.tensorial(leaf, layer, new TensorNetwork(cores), arrays, bias);
    }

    /** A core that has all output modes, each of its output channels scaled. */
    private NDArray scaled(NDArray array, Core core, List<Mode> outputs, double[] scale) {
        double[] values = RealArrays.toDouble(array);
        int inner = 1;
        int[] steps = new int[core.modes().size()];
        int[] sizes = new int[steps.length];
        for (int axis = steps.length - 1; axis >= 0; axis--) {
            Mode mode = core.modes().get(axis);
            sizes[axis] = Math.toIntExact(mode.size());
            steps[axis] = inner;
            inner *= sizes[axis];
        }
        for (int i = 0; i < values.length; i++) {
            // The channel is the row-major number of the output modes.
            int channel = 0;
            for (Mode output : outputs) {
                int axis = core.modes().indexOf(output);
                channel = channel * sizes[axis] + i / steps[axis] % sizes[axis];
            }
            values[i] *= scale[channel];
        }
        return RealArrays.create(manager, values, array.getShape(), array.getDataType());
    }
}
