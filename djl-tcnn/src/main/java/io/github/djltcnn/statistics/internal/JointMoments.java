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
package io.github.djltcnn.statistics.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.torchscript.Linalg;

/**
 * Moments of the unfolded input of a layer and of the outputs that it should give, and the dense
 * kernel that comes nearest to those outputs.
 *
 * <p>Products are as exact as the arrays, sums are float64. They are arrays of the engine, two
 * squares of (input channels of a group x window) and one row of that length per output channel, in
 * float64: 340 MB for 512 channels and a window of 3 x 3.
 */
public final class JointMoments implements AutoCloseable {

    /** What is added to the diagonal, as a share of its mean: unseen directions keep the kernel. */
    private static final double SHRINKAGE = 1e-3;

    private final KernelLayer layer;
    private final int step;
    private final boolean centred;
    private final int groups;
    private final int columns;
    private final int rows;
    private final NDManager manager;
    private final NDArray square;
    private final NDArray cross;
    private final NDArray inputs;
    private final NDArray outputs;
    private long count;

    /**
     * Begins with nothing.
     *
     * @param layer the layer
     * @param step every how many-th place is taken, as {@link Patches} counts
     * @param centred whether means are taken off
     * @param parent the manager whose device the sums are on
     */
    public JointMoments(KernelLayer layer, int step, boolean centred, NDManager parent) {
        this.layer = layer;
        this.step = step;
        this.centred = centred;
        this.groups = Math.toIntExact(layer.spec().groups());
        this.columns =
                Math.toIntExact(
                        layer.spec().inputChannels() / groups * layer.spec().kernel().size());
        this.rows = Math.toIntExact(layer.spec().outputChannels() / groups);
        this.manager = parent.newSubManager();
        this.square = manager.zeros(new Shape(groups, columns, columns), DataType.FLOAT64);
        this.cross = manager.zeros(new Shape(groups, rows, columns), DataType.FLOAT64);
        this.inputs = manager.zeros(new Shape(groups, columns), DataType.FLOAT64);
        this.outputs = manager.zeros(new Shape(groups, rows), DataType.FLOAT64);
    }

    /**
     * Adds a batch.
     *
     * @param x the input
     * @param wanted the outputs that the layer should give
     * @param number the number of the batch
     */
    public void add(NDArray x, NDArray wanted, int number) {
        try (NDArray unfolded = Patches.unfold(layer, x, step, number);
                NDArray z = unfolded.reshape(groups, columns, -1);
                NDArray turned = z.transpose(0, 2, 1);
                NDArray y = Patches.pick(layer, wanted, step, number);
                NDArray xx = z.matMul(turned);
                NDArray yx = y.matMul(turned);
                NDArray sumX = z.sum(new int[] {2});
                NDArray sumY = y.sum(new int[] {2})) {
            Patches.add(square, xx);
            Patches.add(cross, yx);
            Patches.add(inputs, sumX);
            Patches.add(outputs, sumY);
            count += z.getShape().get(2);
        }
    }

    /**
     * What comes of the sums.
     *
     * @param kernel the dense kernel that comes nearest to the outputs, shrunk towards the given
     *     one
     * @param input the second moments of the unfolded input, shrunk
     * @param inputMeans the means of the unfolded input
     * @param outputMeans the means of the outputs
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Result(
            double[] kernel, double[] input, double[] inputMeans, double[] outputMeans) {}

    /**
     * Solves for the kernel.
     *
     * @param kernel the kernel that the layer has
     * @return kernel and moments; null if the inputs were all alike
     */
    public Result solve(double[] kernel) {
        try (NDArray k = manager.create(kernel, new Shape(groups, rows, columns));
                NDArray meanX = inputs.div(count);
                NDArray meanY = outputs.div(count);
                NDArray s = square.div(count);
                NDArray c = cross.div(count)) {
            if (centred) {
                try (NDArray column = meanX.reshape(groups, columns, 1);
                        NDArray row = meanX.reshape(groups, 1, columns);
                        NDArray tall = meanY.reshape(groups, rows, 1);
                        NDArray xx = column.matMul(row);
                        NDArray yx = tall.matMul(row)) {
                    s.subi(xx);
                    c.subi(yx);
                }
            }
            double[] input = s.toDoubleArray();
            double trace = 0;
            for (int i = 0; i < groups * columns; i++) {
                trace += input[i * columns + i % columns];
            }
            if (!(trace > 0)) {
                return null;
            }
            double ridge = SHRINKAGE * trace / groups / columns;
            for (int i = 0; i < groups * columns; i++) {
                int at = i * columns + i % columns;
                input[at] = Math.max(input[at], 0) + ridge;
            }
            try (NDArray shrunk = manager.create(input, s.getShape());
                    NDArray pull = k.mul(ridge)) {
                c.addi(pull);
                try (NDArray side = c.transpose(0, 2, 1);
                        NDArray solution = Linalg.solve(shrunk, side);
                        NDArray turned = solution.transpose(0, 2, 1);
                        NDArray flat = turned.flatten()) {
                    return new Result(
                            flat.toDoubleArray(),
                            input,
                            meanX.toDoubleArray(),
                            meanY.toDoubleArray());
                }
            }
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        manager.close();
    }
}
