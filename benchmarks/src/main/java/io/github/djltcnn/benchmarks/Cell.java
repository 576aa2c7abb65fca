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
package io.github.djltcnn.benchmarks;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One cell of the grid: a layer of as many output as input channels, 3 x 3, padding 1.
 *
 * @param channels the channels
 * @param size height and width
 * @param batch the batch
 * @param format the name of the format
 * @param rank its rank
 */
record Cell(int channels, int size, int batch, String format, int rank) {

    /** The window of all cells. */
    static final ConvolutionGeometry GEOMETRY =
            new ConvolutionGeometry(
                    new Shape(3, 3), new Shape(1, 1), new Shape(1, 1), new Shape(1, 1));

    private static final int WARM_UP = 12;

    private static final int[][] SHAPES = {
        {16, 32, 32},
        {32, 16, 32},
        {64, 8, 32},
        {64, 56, 2},
        {128, 28, 4},
        {256, 14, 8},
        {512, 7, 8}
    };

    /** The whole grid. */
    static List<Cell> grid() {
        List<Cell> cells = new ArrayList<>();
        for (int[] shape : SHAPES) {
            int channels = shape[0];
            add(cells, shape, "TR", 4, 6, 10, 15, 20);
            add(cells, shape, "Tucker-2", channels / 4, channels / 2);
            add(cells, shape, "CP", channels / 2, channels);
            add(cells, shape, "TT", 8, 16);
            add(cells, shape, "TT-matrix", 4, 8);
            add(cells, shape, "HTK2", channels / 2, channels);
            add(cells, shape, "BTT", channels / 8, channels / 4);
        }
        return cells;
    }

    /** Runs something on tiny layers of every format until Java has compiled what it uses. */
    static void warmUp(Consumer<Cell> run) {
        for (int pass = 0; pass < WARM_UP; pass++) {
            for (Cell cell : grid()) {
                if (cell.channels() == SHAPES[0][0]) {
                    run.accept(new Cell(cell.channels(), 3, 1, cell.format(), cell.rank()));
                }
            }
        }
    }

    private static void add(List<Cell> cells, int[] shape, String format, int... ranks) {
        for (int rank : ranks) {
            cells.add(new Cell(shape[0], shape[1], shape[2], format, rank));
        }
    }

    TensorNetwork network() {
        Rank r = Rank.of(rank);
        TensorFormat of =
                switch (format) {
                    case "TR" -> TensorFormats.tensorRing(r);
                    case "TT" -> TensorFormats.tensorTrain(r);
                    case "TT-matrix" -> TensorFormats.tensorTrainMatrix(r);
                    case "Tucker-2" -> TensorFormats.tucker2(r);
                    case "CP" -> TensorFormats.cp(r);
                    case "HTK2" -> TensorFormats.hyperTucker2(r);
                    case "BTT" -> TensorFormats.blockTerm(4, r);
                    default -> throw new IllegalArgumentException("No format " + format);
                };
        return of.network(KernelSpec.of(channels, channels, new Shape(3, 3)));
    }

    Shape inputShape() {
        return new Shape(batch, channels, size, size);
    }

    /** The pixels of the output, all images together. */
    long positions() {
        return (long) batch * size * size;
    }

    /** The multiply-adds of the dense convolution, those with the padding included. */
    double denseMacs() {
        return network().denseMacs(GEOMETRY, inputShape());
    }

    /** The cell of a key. */
    static Cell parse(String key) {
        String[] columns = key.split(",", -1);
        return new Cell(
                Integer.parseInt(columns[0]),
                Integer.parseInt(columns[1]),
                Integer.parseInt(columns[2]),
                columns[3],
                Integer.parseInt(columns[4]));
    }

    /** The first columns of a row of results. */
    String key() {
        return channels + "," + size + "," + batch + "," + format + "," + rank;
    }
}
