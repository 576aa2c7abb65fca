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

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.testng.Assert;

/** Reads a file with the classes that ONNX's own definition generates, and checks what it says. */
final class OnnxChecker {

    private OnnxChecker() {}

    /** Asserts that a file is a model of opset 17 with standard operators and sound references. */
    static OnnxMl.ModelProto check(Path file) throws IOException {
        OnnxMl.ModelProto model;
        try (InputStream in = Files.newInputStream(file)) {
            model = OnnxMl.ModelProto.parseFrom(in);
        }
        Assert.assertEquals(model.getOpsetImportCount(), 1);
        Assert.assertEquals(model.getOpsetImport(0).getVersion(), 17);
        Assert.assertEquals(model.getOpsetImport(0).getDomain(), "");
        OnnxMl.GraphProto graph = model.getGraph();
        Set<String> known = new HashSet<>();
        graph.getInputList().forEach(input -> Assert.assertTrue(known.add(input.getName())));
        for (OnnxMl.TensorProto tensor : graph.getInitializerList()) {
            Assert.assertTrue(known.add(tensor.getName()), tensor.getName());
            long size = tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
            Assert.assertEquals(
                    tensor.getRawData().size(),
                    size * bytes(tensor.getDataType()),
                    tensor.getName());
        }
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            Assert.assertEquals(node.getDomain(), "");
            node.getInputList().forEach(input -> Assert.assertTrue(known.contains(input), input));
            node.getOutputList().forEach(output -> Assert.assertTrue(known.add(output), output));
        }
        for (OnnxMl.ValueInfoProto value : graph.getOutputList()) {
            Assert.assertTrue(known.contains(value.getName()));
            checkBatch(value);
        }
        graph.getInputList().forEach(OnnxChecker::checkBatch);
        return model;
    }

    private static void checkBatch(OnnxMl.ValueInfoProto value) {
        OnnxMl.TypeProto.Tensor type = value.getType().getTensorType();
        Assert.assertEquals(type.getShape().getDim(0).getDimParam(), "batch");
        for (int axis = 1; axis < type.getShape().getDimCount(); axis++) {
            Assert.assertTrue(type.getShape().getDim(axis).getDimValue() > 0);
        }
    }

    private static int bytes(int type) {
        return switch (type) {
            case OnnxMl.TensorProto.DataType.FLOAT_VALUE -> Float.BYTES;
            case OnnxMl.TensorProto.DataType.INT64_VALUE -> Long.BYTES;
            case OnnxMl.TensorProto.DataType.DOUBLE_VALUE -> Double.BYTES;
            case OnnxMl.TensorProto.DataType.BOOL_VALUE -> 1;
            default -> throw new AssertionError("type " + type);
        };
    }
}
