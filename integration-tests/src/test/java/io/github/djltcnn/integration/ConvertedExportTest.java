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
package io.github.djltcnn.integration;

import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import io.github.djltcnn.conversion.ConversionReport;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.export.ExportOptions;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.zoo.TensorialResNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Converted networks leave and compute the same, from random numbers and from photographs of
 * clothes. {@code -Dexport.all=true} takes every format in every network, {@code
 * -Dexport.all="ResNet.*"} in some, and appends how far they are apart to {@code
 * target/converted-exports.csv}; otherwise some networks have one format each.
 */
public class ConvertedExportTest {

    private static final String WANTED = System.getProperty("export.all");
    private static final boolean ALL = WANTED != null;
    private static final Path TABLE = Path.of("target/converted-exports.csv");
    private static final Shape IMAGE = new Shape(3, 32, 32);
    private static final int MARGIN = 2;
    private static final int SOME = 3;

    private final List<String> rows = new ArrayList<>();

    private static Map<String, TensorFormat> formats() {
        Map<String, TensorFormat> formats = new LinkedHashMap<>();
        formats.put("Tucker-2", TensorFormats.tucker2(Rank.upTo(8)));
        formats.put("CP", TensorFormats.cp(Rank.upTo(8)));
        formats.put("tensor ring", TensorFormats.tensorRing(Rank.upTo(4)));
        formats.put("tensor train", TensorFormats.tensorTrain(Rank.upTo(6)));
        formats.put("tensor-train matrix", TensorFormats.tensorTrainMatrix(Rank.upTo(4)));
        formats.put("hyper-Tucker-2", TensorFormats.hyperTucker2(Rank.upTo(8)));
        formats.put("block-term", TensorFormats.blockTerm(2, Rank.upTo(4)));
        return formats;
    }

    private static Map<String, Supplier<Block>> networks() {
        Map<String, Supplier<Block>> networks = new LinkedHashMap<>();
        networks.put("ResNet-20", () -> TensorialResNet.cifar(20).setOutSize(10).build());
        networks.put("VGG-like", ConvertedExportTest::vgg);
        networks.put("MobileNetV1", () -> MobileNetV1.builder().setOutSize(10).build());
        networks.put("ResNetV1-18", () -> resNet(18));
        networks.put("MobileNetV2", () -> MobileNetV2.builder().setOutSize(10).build());
        networks.put("ResNet-18", () -> TensorialResNet.imageNet(18).setOutSize(10).build());
        networks.put("ResNetV1-50", () -> resNet(50));
        return networks;
    }

    private static Block resNet(int layers) {
        return ResNetV1.builder().setImageShape(IMAGE).setNumLayers(layers).setOutSize(10).build();
    }

    /** Pairs of convolutions with pools between them, and a head of two linear layers. */
    private static Block vgg() {
        SequentialBlock block = new SequentialBlock();
        for (int filters = 16; filters <= 64; filters *= 2) {
            for (int n = 0; n < 2; n++) {
                block.add(
                                Conv2d.builder()
                                        .setFilters(filters)
                                        .setKernelShape(new Shape(3, 3))
                                        .optPadding(new Shape(1, 1))
                                        .build())
                        .add(BatchNorm.builder().build())
                        .add(Activation.reluBlock());
            }
            block.add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
        }
        return block.add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(128).build())
                .add(Activation.reluBlock())
                .add(Dropout.builder().build())
                .add(Linear.builder().setUnits(10).build());
    }

    /** Every format in every network, or the first three networks with a format each. */
    @DataProvider
    public Object[][] cases() {
        List<String> networks = List.copyOf(networks().keySet());
        List<String> formats = List.copyOf(formats().keySet());
        List<Object[]> cases = new ArrayList<>();
        for (int network = 0; network < (ALL ? networks.size() : SOME); network++) {
            for (int format = 0; format < formats.size(); format++) {
                if (ALL ? isWanted(networks.get(network)) : format == network) {
                    cases.add(new Object[] {networks.get(network), formats.get(format)});
                }
            }
        }
        return cases.toArray(new Object[0][]);
    }

    private static boolean isWanted(String network) {
        return "true".equals(WANTED) || network.matches(WANTED);
    }

    @Test(dataProvider = "cases")
    public void convertedNetworksAgree(String network, String format) throws Exception {
        Block block = networks().get(network).get();
        Shape shape = new Shape(1).addAll(IMAGE);
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, shape);
            // Weights by decomposition where that is quick: exports do not care where they are
            // from.
            ConversionReport report =
                    Tensorizer.builder()
                            .setFormat(formats().get(format))
                            .optFilter(path -> !path.endsWith("head"))
                            .optKeepFirst(true)
                            .optFresh(!"Tucker-2".equals(format))
                            .build()
                            .convert(block, shape)
                            .report();
            Assert.assertTrue(report.converted() > 0, report.toString());
            Map<String, Double> apart =
                    Agreement.check(
                            network + " " + format,
                            block,
                            IMAGE,
                            ExportOptions.standard(),
                            network.equals("MobileNetV2") ? Agreement.DEEP : Agreement.CLOSE,
                            List.of(
                                    (own, batch) ->
                                            own.randomNormal(new Shape(batch).addAll(IMAGE)),
                                    ConvertedExportTest::photographs));
            apart.forEach(
                    (way, most) ->
                            rows.add(network + "," + format + "," + way + "," + most.floatValue()));
        }
    }

    /** Grey images with a margin, three times over. */
    private static NDArray photographs(NDManager manager, long batch) {
        NDArray grey = FashionMnist.subset().test().head((int) batch).toArray(manager);
        NDArray framed = grey.pad(new Shape(MARGIN, MARGIN, MARGIN, MARGIN), 0);
        return framed.repeat(1, 3);
    }

    /** Writes what was found if everything was asked for. */
    @AfterClass
    public void write() throws IOException {
        if (ALL) {
            if (!Files.exists(TABLE)) {
                rows.add(0, "network,format,way,apart");
            }
            Files.write(TABLE, rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
