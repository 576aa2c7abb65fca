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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.JsonUtils;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.export.Exports;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.zoo.TensorialResNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes residual networks of every format as TorchScript, each with an input and what the CPU made
 * of it, for {@code benchmarks/gpu/exported.py} to check and time where there is a GPU and no Java.
 * The one argument is the folder.
 */
public final class GpuModels {

    private static final long CHECKED = 4;

    private GpuModels() {}

    /** The formats, dense first: the others are compared with it. */
    private static Map<String, TensorFormat> formats() {
        Map<String, TensorFormat> formats = new LinkedHashMap<>();
        formats.put("dense", TensorFormats.dense());
        formats.put("cp", TensorFormats.cp(Rank.ratio(0.25)));
        formats.put("tk2", TensorFormats.tucker2(Rank.ratio(0.25)));
        formats.put("htk2", TensorFormats.hyperTucker2(Rank.ratio(0.25)));
        formats.put("bt", TensorFormats.blockTerm(4, Rank.of(12)));
        formats.put("tr", TensorFormats.tensorRing(Rank.of(10)));
        formats.put("tt", TensorFormats.tensorTrainMatrix(Rank.of(10)));
        return formats;
    }

    /**
     * Writes the models.
     *
     * @param args the folder
     * @throws IOException if a file cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Files.createDirectories(folder);
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Map.Entry<String, TensorFormat> format : formats().entrySet()) {
            String name = format.getKey();
            write(
                    folder,
                    "cifar20-" + name,
                    TensorialResNet.cifar(20).setOutSize(10).optFormat(format.getValue()).build(),
                    new Shape(CHECKED, 3, 32, 32),
                    entries);
            write(
                    folder,
                    "imagenet18-" + name,
                    TensorialResNet.imageNet(18)
                            .setOutSize(1000)
                            .optFormat(format.getValue())
                            .build(),
                    new Shape(CHECKED, 3, 224, 224),
                    entries);
        }
        Files.writeString(
                folder.resolve("models.json"), JsonUtils.GSON_PRETTY.toJson(entries) + "\n");
    }

    private static void write(
            Path folder, String name, Block block, Shape shape, List<Map<String, Object>> entries)
            throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, shape);
            ExportOptions options = ExportOptions.builder().optBatch(shape.get(0)).build();
            Exports.torchScript(block, shape, folder.resolve(name + ".pt"), options);
            NDArray x = manager.randomNormal(shape);
            NDArray y =
                    block.forward(new ParameterStore(manager, false), new NDList(x), false).head();
            Files.write(folder.resolve(name + ".input.bin"), bytes(x));
            Files.write(folder.resolve(name + ".output.bin"), bytes(y));
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", name);
            entry.put("kind", name.substring(0, name.indexOf('-')));
            entry.put("dense", name.endsWith("-dense"));
            entry.put("input", x.getShape().getShape());
            entry.put("output", y.getShape().getShape());
            entries.add(entry);
        }
    }

    private static byte[] bytes(NDArray array) {
        java.nio.ByteBuffer buffer = array.toByteBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
