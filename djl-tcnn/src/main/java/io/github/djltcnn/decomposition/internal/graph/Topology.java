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
package io.github.djltcnn.decomposition.internal.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the cores of a graph are joined, which decides what algorithms can do with it.
 *
 * @param graph the graph
 */
public record Topology(Graph graph) {

    /** Whether ranks join exactly two cores each, and every other mode stands on one. */
    private boolean isPlain() {
        for (int label = 0; label < graph.numLabels(); label++) {
            if (graph.carriers(label) != (graph.isRank(label) ? 2 : 1)) {
                return false;
            }
        }
        return true;
    }

    private boolean isConnected() {
        boolean[] seen = new boolean[graph.numCores()];
        List<Integer> open = new ArrayList<>(List.of(0));
        int count = 0;
        while (!open.isEmpty()) {
            int n = open.remove(open.size() - 1);
            if (seen[n]) {
                continue;
            }
            seen[n] = true;
            count++;
            for (int bond : graph.bonds(n)) {
                for (int m = 0; m < graph.numCores(); m++) {
                    if (!seen[m] && graph.carries(m, bond)) {
                        open.add(m);
                    }
                }
            }
        }
        return count == graph.numCores();
    }

    private int numBonds() {
        return (int) IntStream.range(0, graph.numLabels()).filter(graph::isRank).count();
    }

    /**
     * Returns whether every bond cuts the network in two.
     *
     * @return whether it is a tree
     */
    public boolean isTree() {
        return isPlain() && isConnected() && numBonds() == graph.numCores() - 1;
    }

    /**
     * Returns whether no core of a tree has more than two neighbours.
     *
     * @return whether it is a chain
     */
    public boolean isChain() {
        for (int n = 0; n < graph.numCores(); n++) {
            if (graph.bonds(n).length > 2) {
                return false;
            }
        }
        return isTree();
    }

    /**
     * Returns whether the cores form one closed ring of at least three.
     *
     * @return whether it is a ring
     */
    public boolean isRing() {
        if (!isPlain() || !isConnected() || graph.numCores() < 3) {
            return false;
        }
        for (int n = 0; n < graph.numCores(); n++) {
            if (graph.bonds(n).length != 2) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns whether one rank stands on every core and every other mode on one: CP.
     *
     * @return whether it is such a star
     */
    public boolean isStar() {
        for (int label = 0; label < graph.numLabels(); label++) {
            if (graph.carriers(label) != (graph.isRank(label) ? graph.numCores() : 1)) {
                return false;
            }
        }
        return numBonds() == 1 && graph.numCores() > 2;
    }

    /**
     * Returns the core next to all others.
     *
     * @return its number, or -1
     */
    public int centre() {
        for (int n = 0; n < graph.numCores(); n++) {
            if (graph.bonds(n).length == graph.numCores() - 1) {
                return n;
            }
        }
        return -1;
    }
}
