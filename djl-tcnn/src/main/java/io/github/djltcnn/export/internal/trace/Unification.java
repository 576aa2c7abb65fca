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
package io.github.djltcnn.export.internal.trace;

import io.github.djltcnn.export.internal.graph.Batches;
import io.github.djltcnn.export.internal.graph.Graph;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.Operation;
import io.github.djltcnn.export.internal.graph.Sizes;
import io.github.djltcnn.export.internal.graph.UntraceableException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** Makes one graph for any batch size of two that were recorded at different ones. */
final class Unification {

    private final Graph first;
    private final Graph second;
    private final Batches batches;
    private final IdentityHashMap<Node, Node> unified = new IdentityHashMap<>();
    private final IdentityHashMap<Node, Node> partners = new IdentityHashMap<>();

    private Unification(Graph first, Graph second, Batches batches) {
        this.first = first;
        this.second = second;
        this.batches = batches;
    }

    /** The graph, which takes over the constants of the first. */
    static Graph of(Graph first, Graph second, Batches batches) {
        return new Unification(first, second, batches).run();
    }

    private Graph run() {
        if (first.nodes().size() != second.nodes().size()) {
            throw new UntraceableException(
                    "what is computed depends on the batch size: "
                            + first.numOperations()
                            + " operations for a batch of "
                            + batches.first()
                            + ", "
                            + second.numOperations()
                            + " for one of "
                            + batches.second());
        }
        for (int n = 0; n < first.nodes().size(); n++) {
            unify(first.nodes().get(n), second.nodes().get(n));
        }
        return new Graph(first.manager(), all(first.inputs()), all(first.outputs()));
    }

    private List<Node> all(List<Node> nodes) {
        return nodes.stream().map(unified::get).toList();
    }

    private void unify(Node one, Node other) {
        Operation operation = one.operation().unify(other.operation(), batches);
        List<Node> inputs = new ArrayList<>();
        boolean same = one.inputs().size() == other.inputs().size();
        for (int n = 0; same && n < one.inputs().size(); n++) {
            Node input = one.inputs().get(n);
            same = partners.get(input) == other.inputs().get(n);
            inputs.add(unified.get(input));
        }
        if (!same) {
            throw new UntraceableException(
                    "what " + operation + " reads depends on the batch size");
        }
        partners.put(one, other);
        Sizes sizes = Sizes.unify(one.sizes(), other.sizes(), batches);
        unified.put(one, new Node(operation, inputs, sizes, one.type()));
    }
}
