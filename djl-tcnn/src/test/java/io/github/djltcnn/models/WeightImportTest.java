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
package io.github.djltcnn.models;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.models.internal.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Weights of files that fit, and what is said of those that do not. */
public class WeightImportTest {

    private static final NameMap NAMES =
            new NameMap() {

                @Override
                public String fileName(String path, Parameter.Type type) {
                    return "net." + path;
                }

                @Override
                public boolean isIgnored(String name) {
                    return name.endsWith("num_batches_tracked");
                }
            };

    private Path file;

    @BeforeClass
    public void makeFile() throws IOException {
        file = Files.createTempFile("weights", ".safetensors");
    }

    @AfterClass
    public void deleteFile() throws IOException {
        Files.delete(file);
    }

    private static Map<String, NDArray> weights(SequentialBlock net, NDManager manager) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        BlockTree.parameters(net)
                .forEach(
                        (path, p) ->
                                weights.put(
                                        "net." + path,
                                        manager.randomUniform(1, 2, p.getArray().getShape())));
        return weights;
    }

    @Test
    public void weightsThatFitAreCopied() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Map<String, NDArray> weights = weights(net, manager);
            weights.put("net.num_batches_tracked", manager.ones(new Shape(1)));
            Safetensors.write(file, weights);
            int arrays = manager.getManagedArrays().size();
            WeightImport.fromSafetensors(net, file, NAMES);
            for (Map.Entry<String, Parameter> entry : BlockTree.parameters(net).entrySet()) {
                Assert.assertEquals(
                        entry.getValue().getArray().toFloatArray(),
                        weights.get("net." + entry.getKey()).toFloatArray());
            }
            Assert.assertEquals(manager.getManagedArrays().size(), arrays);
        }
    }

    @Test
    public void whatDoesNotFitIsListedTogether() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock net = TinyNet.initialized(manager);
            Map<String, NDArray> weights = weights(net, manager);
            weights.remove("net.06Linear.bias");
            weights.remove("net.01Conv2d.bias");
            weights.put("net.06Linear.weight", manager.ones(new Shape(3, 2)));
            weights.put("fc.weight", manager.ones(new Shape(1)));
            weights.put("aux", manager.ones(new Shape(1), DataType.FLOAT64));
            Safetensors.write(file, weights);
            float[] before = net.getParameters().get("01Conv2d_weight").getArray().toFloatArray();
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> WeightImport.fromSafetensors(net, file, NAMES));
            String shape = net.getParameters().get("06Linear_weight").getArray().getShape() + "]";
            Assert.assertEquals(
                    e.getMessage(),
                    file.getFileName()
                            + " does not fit the model. Missing: [net.01Conv2d.bias,"
                            + " net.06Linear.bias]; of another shape: [net.06Linear.weight (3, 2)"
                            + " instead of "
                            + shape
                            + "; unexpected: [aux, fc.weight]. Parameters that are to stay as they"
                            + " are can be skipped, names of the file that are of no use ignored by"
                            + " the NameMap");
            Assert.assertEquals(
                    net.getParameters().get("01Conv2d_weight").getArray().toFloatArray(), before);
        }
    }
}
