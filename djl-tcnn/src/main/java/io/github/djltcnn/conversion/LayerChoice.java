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
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.contraction.ContractionPlan;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.decomposition.Decomposition;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.nn.TensorialBlock;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is to be done with a layer in one of its places.
 *
 * @param leaf where it stands
 * @param kernel what it multiplies by
 * @param network the network it is to have; null if it stays
 * @param found its decomposed weights; null if it stays, starts fresh or is only planned
 * @param format the name of its format; empty if it stays
 * @param skipped why it stays; empty if it does not
 * @param sharedWith the path of its first place, if this is another
 */
record LayerChoice(
        BlockTree.Leaf leaf,
        KernelLayer kernel,
        TensorNetwork network,
        Decomposition found,
        String format,
        String skipped,
        String sharedWith) {

    static LayerChoice converts(
            BlockTree.Leaf leaf, KernelLayer kernel, TensorNetwork network, Decomposition found) {
        return new LayerChoice(leaf, kernel, network, found, "", "", "");
    }

    static LayerChoice stays(BlockTree.Leaf leaf, KernelLayer kernel, String why) {
        return new LayerChoice(leaf, kernel, null, null, "", why, "");
    }

    /** The same choice with cores. */
    LayerChoice with(Decomposition decomposition) {
        return new LayerChoice(leaf, kernel, network, decomposition, format, skipped, sharedWith);
    }

    /** The same choice for another place of the same layer. */
    LayerChoice at(BlockTree.Leaf place) {
        return new LayerChoice(
                place,
                KernelLayer.of(place.block(), place.input()),
                network,
                found,
                format,
                skipped,
                BlockTree.shown(leaf.path()));
    }

    /** The same choice, with the name of the format that was chosen. */
    LayerChoice in(String name) {
        return new LayerChoice(leaf, kernel, network, found, name, skipped, sharedWith);
    }

    /** Says what the choice comes to. */
    LayerReport report(PlannerOptions options) {
        Block block = leaf.block();
        TensorialBlock tensorial = block instanceof TensorialBlock already ? already : null;
        ContractionPlan plan = network == null ? null : kernel.plan(network, options);
        long bias = kernel.bias() ? kernel.spec().outputChannels() : 0;
        long before =
                tensorial == null
                        ? kernel.denseParameters()
                        : kernel.network(tensorial).parameterCount();
        long after = network == null ? before : network.parameterCount();
        long macsBefore = kernel.macs(block);
        boolean again = !sharedWith.isEmpty();
        long parametersBefore = again ? 0 : bias + before;
        long parametersAfter = again ? 0 : bias + after;
        int bytes = bytesEach(block);
        return new LayerReport(
                leaf.path(),
                block.getClass().getSimpleName(),
                network != null ? format : "-",
                network != null ? network.toString() : "",
                network != null ? ranks(network) : "",
                parametersBefore,
                parametersAfter,
                macsBefore,
                plan != null ? plan.macs() : macsBefore,
                parametersBefore * bytes,
                parametersAfter * bytes,
                found != null ? found.relativeError() : Double.NaN,
                found != null ? found.weightedError() : Double.NaN,
                plan != null ? plan.operations() : List.of(),
                skipped,
                sharedWith);
    }

    private static int bytesEach(Block block) {
        return block.getDirectParameters().values().stream()
                .filter(Parameter::isInitialized)
                .map(p -> p.getArray().getDataType())
                .findFirst()
                .orElse(DataType.FLOAT32)
                .getNumOfBytes();
    }

    /** The sizes of the ranks of a network. */
    static String ranks(TensorNetwork network) {
        return network.modes(Role.RANK).stream()
                .map(Mode::size)
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
    }
}
