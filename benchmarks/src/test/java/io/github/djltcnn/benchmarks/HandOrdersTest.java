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
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.network.Core;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The orders written by hand compute what the engine computes. */
public class HandOrdersTest {

    /** A small layer of every format. */
    @DataProvider
    public Object[][] cells() {
        return new Object[][] {
            {new Cell(16, 5, 2, "TR", 3)},
            {new Cell(16, 5, 2, "TT", 4)},
            {new Cell(16, 5, 2, "TT-matrix", 3)},
            {new Cell(16, 5, 2, "Tucker-2", 5)},
            {new Cell(16, 5, 2, "CP", 6)},
            {new Cell(16, 5, 2, "HTK2", 6)},
            {new Cell(16, 5, 2, "BTT", 2)},
        };
    }

    @Test(dataProvider = "cells")
    public void everyOrderComputesTheLayer(Cell cell) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList cores = new NDList();
            for (Core core : cell.network().cores()) {
                cores.add(manager.randomNormal(0, 1, core.shape(), DataType.FLOAT64));
            }
            NDArray x = manager.randomNormal(0, 1, cell.inputShape(), DataType.FLOAT64);
            NDArray expected =
                    ContractionEngine.create(cell.network(), Cell.GEOMETRY).predict(x, cores, null);
            double largest = expected.abs().max().getDouble();
            for (Contestant order : HandOrders.of(cell.format(), cell.network())) {
                NDArray found = order.apply().apply(x, order.weights().apply(cores));
                Assert.assertEquals(found.getShape(), expected.getShape(), order.name());
                double off = found.sub(expected).abs().max().getDouble();
                Assert.assertTrue(off < 1e-12 * largest, order.name() + " is off by " + off);
            }
        }
    }
}
