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
package io.github.djltcnn.nn;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Weights that a layer keeps for predictions are its model's. */
public class KeptWeightsOfLayersTest {

    private static final Shape INPUT = new Shape(2, 8, 6, 6);

    private static TensorialConv2d layer() {
        return TensorialConv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .setFilters(8)
                .setFormat(TensorFormats.tucker2(Rank.of(4, 4)))
                .build();
    }

    private static void predict(TensorialConv2d layer, NDManager data) {
        try (NDManager scope = data.newSubManager()) {
            NDArray x = scope.ones(INPUT);
            layer.forward(new ParameterStore(scope, false), new NDList(x), false);
        }
        Assert.assertTrue(layer.engine().keptBytes() > 0);
    }

    @Test
    public void theyGoWithTheModel() {
        TensorialConv2d layer = layer();
        try (NDManager data = NDManager.newBaseManager()) {
            try (Model model = Model.newInstance("kept")) {
                model.setBlock(layer);
                layer.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
                predict(layer, data);
            }
            Assert.assertEquals(layer.engine().keptBytes(), 0);
        }
    }

    @Test
    public void theyGoWhenTheBlockIsCleared() {
        TensorialConv2d layer = layer();
        try (NDManager manager = NDManager.newBaseManager()) {
            layer.initialize(manager, DataType.FLOAT32, INPUT);
            predict(layer, manager);
            layer.clear();
            Assert.assertEquals(layer.engine().keptBytes(), 0);
        }
    }

    @Test
    public void theyGoWhenOtherNumbersAreLoaded() throws Exception {
        TensorialConv2d layer = layer();
        try (NDManager manager = NDManager.newBaseManager()) {
            layer.initialize(manager, DataType.FLOAT32, INPUT);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            layer.saveParameters(new DataOutputStream(bytes));
            predict(layer, manager);
            layer.loadParameters(
                    manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            Assert.assertEquals(layer.engine().keptBytes(), 0);
        }
    }

    @Test
    public void theyGoWhenTheCoresAreReplaced() {
        TensorialConv2d layer = layer();
        try (NDManager manager = NDManager.newBaseManager()) {
            layer.initialize(manager, DataType.FLOAT32, INPUT);
            predict(layer, manager);
            ContractionEngine before = layer.engine();
            NDList others = new NDList();
            layer.getCores().forEach(core -> others.add(core.duplicate()));
            layer.setCores(layer.getNetwork(), others, manager.zeros(new Shape(8)), INPUT);
            Assert.assertEquals(before.keptBytes(), 0);
            predict(layer, manager);
        }
    }
}
