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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import io.github.djltcnn.blocks.internal.TinyNet;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.nn.TensorialConv2d;
import io.github.djltcnn.nn.TensorialLinear;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The summary against numbers counted by hand. */
public class ModelSummaryTest {

    @Test
    public void numbersAreThoseOfTheDefinition() {
        SequentialBlock net = TinyNet.block(4);
        ModelSummary before = ModelSummary.of(net, TinyNet.INPUT);
        try (NDManager manager = NDManager.newBaseManager()) {
            net.initialize(manager, DataType.FLOAT32, TinyNet.INPUT);
            ModelSummary summary = ModelSummary.of(net, TinyNet.INPUT);
            Assert.assertEquals(summary.layers(), before.layers());
            // conv 3*8*9+8, norm 4*8, conv 8*12*9, norm 4*12, conv 8*12, linear 12*4+4
            Assert.assertEquals(summary.parameters(), 224 + 32 + 864 + 48 + 96 + 52);
            Assert.assertEquals(summary.trainable(), summary.parameters() - 16 - 24);
            Assert.assertEquals(summary.bytes(), 4 * summary.parameters());
            // two images; 8x8, then 4x4 positions
            Assert.assertEquals(summary.macs(), 2L * (64 * 216 + 16 * 864 + 16 * 96 + 48));
            ModelSummary.Layer first = summary.layers().get(0);
            Assert.assertEquals(
                    first,
                    new ModelSummary.Layer(
                            "01Conv2d", "Conv2d", "", "", "(2, 8, 8, 8)", 224, 224, 27648, ""));
            net.freezeParameters(true);
            Assert.assertEquals(ModelSummary.of(net, TinyNet.INPUT).trainable(), 0);
        }
    }

    @Test
    public void tensorialLayersShowTheirNetworks() {
        SequentialBlock net =
                new SequentialBlock()
                        .add(
                                TensorialConv2d.builder()
                                        .setFormat(TensorFormats.tucker2(Rank.of(2)))
                                        .setKernelShape(new Shape(3, 3))
                                        .setFilters(6)
                                        .build())
                        .add(
                                TensorialLinear.builder()
                                        .setFormat(TensorFormats.tucker2(Rank.of(2)))
                                        .setUnits(5)
                                        .optBias(false)
                                        .build());
        Shape input = new Shape(1, 4, 7, 6);
        ModelSummary before = ModelSummary.of(net, input);
        ModelSummary.Layer conv = before.layers().get(0);
        Assert.assertEquals(conv.kind(), "TensorialConv2d");
        Assert.assertEquals(conv.network(), "i=4 r1=2, r1 r2=2 h=3 w=3, r2 o=6");
        Assert.assertEquals(conv.ranks(), "2 2");
        Assert.assertEquals(conv.parameters(), 8 + 36 + 12 + 6);
        Assert.assertEquals(before.layers().get(1).output(), "(1, 6, 5, 5)");
        try (NDManager manager = NDManager.newBaseManager()) {
            net.initialize(manager, DataType.FLOAT32, input);
            Assert.assertEquals(ModelSummary.of(net, input).layers(), before.layers());
        }
    }

    @Test
    public void itPrintsAsTextMarkdownAndJson() {
        ModelSummary summary = ModelSummary.of(TinyNet.block(4), TinyNet.INPUT);
        String[] lines = summary.toString().lines().toArray(String[]::new);
        Assert.assertEquals(lines.length, 2 + summary.layers().size() + 1);
        Assert.assertTrue(lines[2].startsWith("01Conv2d "), lines[2]);
        Assert.assertEquals(
                lines[lines.length - 1],
                "input (2, 3, 8, 8): 1,316 parameters (1,276 trainable), 58,464 multiply-adds,"
                        + " 0.01 MiB");
        Assert.assertTrue(
                summary.toMarkdown()
                        .startsWith("| layer | kind | ranks | output | parameters | MACs |\n"));
        JsonObject json = JsonUtils.GSON.fromJson(summary.toJson(), JsonObject.class);
        Assert.assertEquals(json.get("macs").getAsLong(), 58464);
        Assert.assertEquals(json.getAsJsonArray("layers").size(), summary.layers().size());
    }
}
