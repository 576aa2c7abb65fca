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
package io.github.djltcnn.export.internal.write;

import io.github.djltcnn.export.internal.graph.Graph;
import io.github.djltcnn.export.internal.graph.Input;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.graph.Sizes;
import io.github.djltcnn.export.internal.graph.TorchText;
import io.github.djltcnn.torchscript.ScriptArchive;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes a graph as a TorchScript module with one method, {@code forward}. */
public final class TorchWriter {

    private final Graph graph;
    private final TorchText text = new TorchText();
    private final IdentityHashMap<Node, String> names = new IdentityHashMap<>();
    private final Names taken = new Names();

    private TorchWriter(Graph graph) {
        this.graph = graph;
    }

    /**
     * Writes a graph.
     *
     * @param graph the graph
     * @return the module
     */
    public static ScriptArchive write(Graph graph) {
        return new TorchWriter(graph).archive();
    }

    private ScriptArchive archive() {
        taken.reserve(TorchText.BATCH);
        taken.reserve("training");
        ScriptArchive.Builder builder = ScriptArchive.builder("Exported");
        for (Node node : graph.constants()) {
            String name = taken.next(node.constant().name());
            builder.addTensor(name, node.constant().array(), node.constant().channelsLast());
            names.put(node, "self." + name);
        }
        List<String> arguments = new ArrayList<>();
        for (Node input : graph.inputs()) {
            String name = taken.next("x");
            names.put(input, name);
            arguments.add(name);
        }
        StringBuilder body = new StringBuilder();
        graph.inputs().forEach(input -> check(body, input));
        StringBuilder lines = new StringBuilder();
        operations(lines);
        if (text.usesBatch()) {
            body.append("  ").append(TorchText.BATCH).append(" = torch.size(");
            body.append(arguments.get(0)).append(", 0)\n");
        }
        return builder.addMethod(header(arguments) + body + lines + result()).build();
    }

    private String header(List<String> arguments) {
        return "def forward(self, "
                + arguments.stream().map(x -> x + ": Tensor").collect(Collectors.joining(", "))
                + ") -> "
                + (graph.outputs().size() == 1
                        ? "Tensor"
                        : graph.outputs().stream()
                                .map(x -> "Tensor")
                                .collect(Collectors.joining(", ", "Tuple[", "]")))
                + ":\n";
    }

    private String result() {
        List<String> results = graph.outputs().stream().map(names::get).toList();
        return results.size() == 1
                ? "  return " + results.get(0)
                : "  return (" + String.join(", ", results) + ")";
    }

    /** All sizes but the batch are those that the block was recorded with. */
    private void check(StringBuilder body, Node input) {
        String name = names.get(input);
        Sizes sizes = input.sizes();
        boolean batched = sizes.dimension() > 0 && sizes.get(0).perBatch();
        Sizes fixed = new Sizes(sizes.list().subList(batched ? 1 : 0, sizes.dimension()));
        body.append("  if torch.eq(")
                .append(
                        batched
                                ? "torch.slice(torch.size(" + name + "), 1)"
                                : "torch.size(" + name + ")")
                .append(", ")
                .append(fixed.dimension() == 0 ? "annotate(List[int], [])" : text.list(fixed))
                .append(
                        "):\n    pass\n  else:\n    ops.prim.RaiseException(\"Expected an input of shape ")
                .append(sizes)
                .append("\")\n");
    }

    private void operations(StringBuilder lines) {
        Map<Node, Integer> uses = graph.uses();
        for (Node node : graph.nodes()) {
            if (node.constant() != null || node.operation() instanceof Input) {
                continue;
            }
            List<String> arguments = node.inputs().stream().map(names::get).toList();
            String expression =
                    isFree(node, uses) ? node.operation().torchInPlace(text, arguments) : null;
            if (expression == null) {
                expression = node.operation().torch(text, arguments);
            }
            String name = taken.next("v");
            names.put(node, name);
            lines.append("  ").append(name).append(" = ").append(expression).append('\n');
        }
    }

    /** Whether the memory of the first argument is read by nobody else and fits the result. */
    private static boolean isFree(Node node, Map<Node, Integer> uses) {
        Node first = node.inputs().get(0);
        return uses.get(first) == 1
                && first.constant() == null
                && !(first.operation() instanceof Input)
                && !first.operation().isView()
                && first.type() == node.type()
                && first.sizes().equals(node.sizes());
    }
}
