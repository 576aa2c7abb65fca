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
package io.github.djltcnn.contraction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.djltcnn.algebra.internal.ContractionTree;
import io.github.djltcnn.contraction.internal.execution.AxisOrder;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.contraction.internal.execution.MergeStep;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import io.github.djltcnn.contraction.internal.execution.Workspace;
import io.github.djltcnn.contraction.internal.lowering.WeightLowering;
import io.github.djltcnn.contraction.internal.search.MergeSearch;
import io.github.djltcnn.contraction.internal.search.ModeTable;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;

/**
 * The contraction of the cores of a network to the dense kernel of its convolution, in the pairwise
 * order of the fewest multiply-adds.
 *
 * @since 0.1.0
 */
public final class KernelContraction {

    private final ModeTable table;
    private final WeightProgram program;
    private final double macs;

    private KernelContraction(TensorNetwork network, int numDimensions) {
        table = new ModeTable(network);
        ContractionTree tree = new MergeSearch(table, MergeSearch::macs).best();
        WeightLowering lowering = new WeightLowering(table, 1);
        int[] modes =
                table.ordered(
                        Role.GROUP, Role.OUTPUT, Role.INPUT, Role.DEPTH, Role.HEIGHT, Role.WIDTH);
        lowering.weight(
                tree,
                new WeightLowering.Wanted(
                        modes, network.denseShape(numDimensions), AxisOrder.SAME));
        program = lowering.program();
        macs = tree.cost();
    }

    /**
     * Prepares the contraction of a network.
     *
     * @param network the network
     * @param numDimensions the number of spatial dimensions of the convolution, 0 for a linear
     *     layer
     * @return the contraction, immutable and reusable
     * @throws IllegalArgumentException if the network has a kernel axis that the convolution lacks
     */
    public static KernelContraction of(TensorNetwork network, int numDimensions) {
        return new KernelContraction(network, numDimensions);
    }

    /**
     * Contracts the cores to the dense kernel.
     *
     * @param network the network
     * @param numDimensions the number of spatial dimensions of the convolution, 0 for a linear
     *     layer
     * @param cores the cores in notation order
     * @param manager the owner of the result
     * @return the kernel, (output channels, input channels / groups, kernel axes); differentiable
     *     with respect to the cores
     * @throws IllegalArgumentException if the cores are not those of the network, or of a data type
     *     other than float32, float64 and float16
     */
    public static NDArray contract(
            TensorNetwork network, int numDimensions, NDList cores, NDManager manager) {
        return of(network, numDimensions).execute(cores, manager);
    }

    /**
     * Contracts the cores to the dense kernel. Nothing but the result is left behind.
     *
     * @param cores the cores in notation order
     * @param manager the owner of the result
     * @return the kernel, (output channels, input channels / groups, kernel axes); differentiable
     *     with respect to the cores
     * @throws IllegalArgumentException if the cores are not those of the network, or of a data type
     *     other than float32, float64 and float16
     */
    public NDArray execute(NDList cores, NDManager manager) {
        DataType dataType = cores.isEmpty() ? DataType.FLOAT32 : cores.get(0).getDataType();
        Checks.dataType(dataType);
        Checks.cores(table.network(), cores, dataType);
        try (Workspace space =
                new Workspace(
                        manager, dataType, program.numTensors(), program.numWeights(), null)) {
            program.run(space, cores);
            // A dense network's kernel is its core, which must stay the caller's.
            NDArray kernel = space.ownWeight(0);
            kernel.attach(manager);
            return kernel;
        }
    }

    /**
     * Returns the arithmetic operations of the contraction: two for a multiply-add, one for a
     * product that is not summed.
     *
     * @return the count
     */
    public double operations() {
        return program.steps().stream()
                .filter(MergeStep.class::isInstance)
                .map(MergeStep.class::cast)
                .mapToDouble(step -> step.isSummed() ? 2 * step.work().macs() : step.work().macs())
                .sum();
    }

    /**
     * Returns the multiply-adds of the contraction.
     *
     * @return the count, the least of all pairwise orders of up to 11 cores
     */
    public double macs() {
        return macs;
    }
}
