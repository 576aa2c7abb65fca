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
package io.github.djltcnn.export;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Utils;
import io.github.djltcnn.common.internal.AtomicFiles;
import io.github.djltcnn.export.internal.graph.Graph;
import io.github.djltcnn.export.internal.graph.Node;
import io.github.djltcnn.export.internal.operations.Simplifier;
import io.github.djltcnn.export.internal.trace.LayerPlans;
import io.github.djltcnn.export.internal.trace.Tracer;
import io.github.djltcnn.export.internal.write.OnnxWriter;
import io.github.djltcnn.export.internal.write.TorchWriter;
import io.github.djltcnn.models.internal.ModelProperties;
import io.github.djltcnn.models.internal.SavedArrays;
import io.github.djltcnn.runtime.internal.CacheSizeGuard;
import io.github.djltcnn.runtime.internal.PyTorch;
import io.github.djltcnn.torchscript.ScriptArchive;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes models to files that run without this library: TorchScript, for {@code torch.jit.load} in
 * Python, for DJL's PyTorch engine and for DJL Serving; ONNX, for ONNX Runtime and others.
 *
 * <p>Any block can be exported that DJL's PyTorch engine runs and whose forward pass is made of
 * known operations; a block that reads numbers into Java, or does what is not known, is refused by
 * its path in the model. Whatever depends on parameters alone is computed ahead: a tensorial layer
 * leaves as the operations that its plan consists of, with contracted weights.
 *
 * <p>The batch size stays free in the file; the other sizes are those of the shape that is given.
 * Files appear whole or not at all.
 *
 * @since 0.1.0
 */
public final class Exports {

    private static final String LABELS = "synset.txt";

    static {
        CacheSizeGuard.apply();
    }

    private Exports() {}

    /**
     * Writes a model as TorchScript.
     *
     * @param model the model, loaded or initialized
     * @param inputShape the shape of its input, the batch axis included
     * @param file the file to write, such as {@code resnet.pt}
     * @return what was written
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the model cannot be exported
     */
    public static ExportReport torchScript(Model model, Shape inputShape, Path file)
            throws IOException {
        return torchScript(model, inputShape, file, ExportOptions.standard());
    }

    /**
     * Writes a model as TorchScript.
     *
     * @param model the model, loaded or initialized
     * @param inputShape the shape of its input, the batch axis included
     * @param file the file to write, such as {@code resnet.pt}
     * @param options how
     * @return what was written
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the model cannot be exported
     */
    public static ExportReport torchScript(
            Model model, Shape inputShape, Path file, ExportOptions options) throws IOException {
        return torchScript(model.getBlock(), inputShape, file, withLabels(model, options));
    }

    /**
     * Writes a block as TorchScript.
     *
     * @param block the block, initialized
     * @param inputShape the shape of its input, the batch axis included
     * @param file the file to write, such as {@code resnet.pt}
     * @param options how
     * @return what was written
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the block cannot be exported
     */
    public static ExportReport torchScript(
            Block block, Shape inputShape, Path file, ExportOptions options) throws IOException {
        try (NDManager manager = manager(block);
                Graph graph = graph(block, manager, inputShape, options, false)) {
            checkLabels(graph, options);
            ScriptArchive archive = TorchWriter.write(graph);
            AtomicFiles.write(file, archive::write);
            writeLabels(file, options);
            return report(block, graph, file);
        }
    }

    /**
     * Writes a model as ONNX, opset 17.
     *
     * @param model the model, loaded or initialized
     * @param inputShape the shape of its input, the batch axis included
     * @param file the file to write, such as {@code resnet.onnx}
     * @return what was written
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the model cannot be exported
     */
    public static ExportReport onnx(Model model, Shape inputShape, Path file) throws IOException {
        return onnx(model, inputShape, file, ExportOptions.standard());
    }

    /**
     * Writes a model as ONNX, opset 17.
     *
     * @param model the model, loaded or initialized
     * @param inputShape the shape of its input, the batch axis included
     * @param file the file to write, such as {@code resnet.onnx}
     * @param options how
     * @return what was written
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the model cannot be exported
     */
    public static ExportReport onnx(Model model, Shape inputShape, Path file, ExportOptions options)
            throws IOException {
        return onnx(model.getBlock(), inputShape, file, withLabels(model, options));
    }

    /**
     * Writes a block as ONNX, opset 17.
     *
     * @param block the block, initialized
     * @param inputShape the shape of its input, the batch axis included
     * @param file the file to write, such as {@code resnet.onnx}
     * @param options how
     * @return what was written
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the block cannot be exported
     */
    public static ExportReport onnx(Block block, Shape inputShape, Path file, ExportOptions options)
            throws IOException {
        try (NDManager manager = manager(block);
                Graph graph = graph(block, manager, inputShape, options, true)) {
            checkLabels(graph, options);
            Map<String, String> metadata = new LinkedHashMap<>();
            if (options.labels() != null) {
                metadata.put("labels", String.join("\n", options.labels()));
            }
            byte[] bytes =
                    OnnxWriter.write(
                            graph,
                            names("input", graph.inputs().size()),
                            names("output", graph.outputs().size()),
                            metadata);
            AtomicFiles.write(file, out -> out.write(bytes));
            writeLabels(file, options);
            return report(block, graph, file);
        }
    }

    private static List<String> names(String name, int number) {
        return number == 1
                ? List.of(name)
                : IntStream.range(0, number).mapToObj(n -> name + n).toList();
    }

    /** A manager of the engine and device of a block. */
    static NDManager manager(Block block) {
        for (Parameter parameter : block.getParameters().values()) {
            if (parameter.isInitialized()) {
                NDArray array = parameter.getArray();
                return NDManager.newBaseManager(
                        array.getDevice(), array.getManager().getEngine().getEngineName());
            }
        }
        return NDManager.newBaseManager(PyTorch.ENGINE);
    }

    /** Writes a block down and simplifies the graph. */
    static Graph graph(
            Block block,
            NDManager manager,
            Shape inputShape,
            ExportOptions options,
            boolean portable) {
        check(block, inputShape);
        options.check(inputShape);
        Graph graph =
                Tracer.trace(
                        block,
                        manager,
                        List.of(inputShape.slice(1)),
                        options.type(),
                        new LayerPlans(options.batch(), portable),
                        options::prepare);
        if (options.isNonFinite()) {
            return simplified(graph, options, portable);
        }
        checkFinite(block, graph, "has values");
        graph = simplified(graph, options, portable);
        checkFinite(block, graph, "makes weights of the export");
        return graph;
    }

    private static Graph simplified(Graph traced, ExportOptions options, boolean portable) {
        Graph graph = traced;
        if (!options.isFactorised()) {
            graph = Simplifier.foldConstants(graph);
        }
        if (options.isFoldBatchNorms()) {
            graph = Simplifier.foldBatchNorms(graph);
        }
        return portable ? Simplifier.dropLayouts(graph) : graph;
    }

    /** Checks parameters and what became of them; what a block makes itself may be infinite. */
    private static void checkFinite(Block block, Graph graph, String what) {
        Set<String> paths = new HashSet<>(block.getParameters().keys());
        for (Node node : graph.constants()) {
            String name = node.constant().name();
            if (name != null && name.endsWith(Simplifier.BIAS)) {
                name = name.substring(0, name.length() - Simplifier.BIAS.length());
            }
            if (paths.contains(name) && !SavedArrays.isFinite(node.constant().array())) {
                throw new IllegalArgumentException(
                        "The parameter "
                                + name
                                + " "
                                + what
                                + " that are not finite, as after a training that diverged; it is"
                                + " not exported unless ExportOptions.optNonFinite(true) asks for"
                                + " it");
            }
        }
    }

    private static void check(Block block, Shape inputShape) {
        for (Parameter parameter : block.getParameters().values()) {
            if (!parameter.isInitialized()) {
                throw new IllegalArgumentException(
                        "The model has no numbers yet (parameter "
                                + parameter.getName()
                                + "): load or initialize it before it is exported");
            }
        }
        if (inputShape.dimension() < 1 || inputShape.slice(1).size() < 1) {
            throw new IllegalArgumentException(
                    "The shape of the input has a batch axis and no size below 1 behind it, got "
                            + inputShape);
        }
    }

    private static ExportOptions withLabels(Model model, ExportOptions options) throws IOException {
        if (options.labels() != null) {
            return options;
        }
        List<String> labels = ModelProperties.labels(model);
        if (!labels.isEmpty()) {
            return options.withLabels(labels);
        }
        if (model.getModelPath() == null) {
            // A model that was made here and never loaded has no folder to look into.
            return options;
        }
        try {
            return options.withLabels(model.getArtifact(LABELS, Utils::readLines));
        } catch (FileNotFoundException e) {
            return options;
        }
    }

    private static void checkLabels(Graph graph, ExportOptions options) {
        if (options.labels() == null || graph.outputs().size() != 1) {
            return;
        }
        Shape output = graph.outputs().get(0).shapeOfOne();
        if (output.dimension() == 2 && output.get(1) != options.labels().size()) {
            throw new IllegalArgumentException(
                    options.labels().size()
                            + " labels for a model of "
                            + output.get(1)
                            + " outputs; give one label per output");
        }
    }

    private static void writeLabels(Path file, ExportOptions options) throws IOException {
        if (options.labels() == null) {
            return;
        }
        Path labels = file.resolveSibling(LABELS);
        byte[] text = (String.join("\n", options.labels()) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFiles.write(labels, out -> out.write(text));
    }

    private static ExportReport report(Block block, Graph graph, Path file) throws IOException {
        long parameters =
                block.getParameters().values().stream()
                        .map(Parameter::getArray)
                        .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
                        .sum();
        return new ExportReport(
                file,
                Files.size(file),
                parameters,
                graph.constantBytes(),
                graph.numOperations(),
                shapes(graph.inputs()),
                shapes(graph.outputs()));
    }

    private static List<String> shapes(List<Node> nodes) {
        return nodes.stream().map(Node::shape).toList();
    }
}
