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
package io.github.djltcnn.examples;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints the README's table of formats: the network that each writes for a convolution of 64 to 64
 * channels with a kernel of 3 x 3, at rank 8.
 *
 * @since 0.1.0
 */
public final class ListFormats {

    private static final KernelSpec KERNEL = KernelSpec.of(64, 64, new Shape(3, 3));

    private ListFormats() {}

    /**
     * A row of the table.
     *
     * @param name the format's name in words
     * @param call the factory method of {@link TensorFormats}
     * @param format the format
     */
    private record Row(String name, String call, TensorFormat format) {}

    /**
     * Runs the program.
     *
     * @param args none
     */
    public static void main(String[] args) {
        runExample();
    }

    /**
     * Runs the program.
     *
     * @return the networks, in the order of the table
     */
    public static List<TensorNetwork> runExample() {
        System.out.println("| format | factory | network | numbers | fewer |");
        System.out.println("|---|---|---|---:|---:|");
        List<TensorNetwork> networks = new ArrayList<>();
        for (Row row : rows()) {
            TensorNetwork network = row.format().network(KERNEL);
            networks.add(network);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | `%s` | `%s` | %,d | %.1f x |%n",
                    row.name(),
                    row.call(),
                    network,
                    network.parameterCount(),
                    network.compressionRatio());
        }
        return networks;
    }

    private static List<Row> rows() {
        Rank rank = Rank.of(8);
        return List.of(
                new Row("dense", "dense()", TensorFormats.dense()),
                new Row("CP", "cp(rank)", TensorFormats.cp(rank)),
                new Row("CP, joint kernel", "cpJoint(rank)", TensorFormats.cpJoint(rank)),
                new Row("Tucker-2", "tucker2(rank)", TensorFormats.tucker2(rank)),
                new Row("hyper-Tucker-2", "hyperTucker2(rank)", TensorFormats.hyperTucker2(rank)),
                new Row("block-term", "blockTerm(4, rank)", TensorFormats.blockTerm(4, rank)),
                new Row("tensor train", "tensorTrain(rank)", TensorFormats.tensorTrain(rank)),
                new Row(
                        "TT-matrix",
                        "tensorTrainMatrix(rank)",
                        TensorFormats.tensorTrainMatrix(rank)),
                new Row("tensor ring", "tensorRing(rank)", TensorFormats.tensorRing(rank)),
                new Row(
                        "any other",
                        "graph(notation)",
                        TensorFormats.graph("i r1=8, r1 h r2=8, r2 w r3=8, r3 o")));
    }
}
