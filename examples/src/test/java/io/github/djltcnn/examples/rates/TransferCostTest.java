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
package io.github.djltcnn.examples.rates;

import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Runs the program on a small network. */
public class TransferCostTest {

    @Test
    public void everyNetworkHasARow() throws Exception {
        List<TransferCost.Row> rows =
                TransferCost.runExample(
                        "--models",
                        "cp_resnet20_r2,tr_resnet20_r2",
                        "--batch-size",
                        "2",
                        "--size",
                        "8",
                        "--rounds",
                        "1");
        Assert.assertEquals(
                rows.stream().map(TransferCost.Row::name).toList(),
                List.of("cp_resnet20_r2", "tr_resnet20_r2"));
        for (TransferCost.Row row : rows) {
            Assert.assertTrue(row.refresh() > 0 && row.step() > 0, row.toString());
            Assert.assertEquals(row.share(), 14 * row.refresh() / (500 * row.step()), 1e-12);
        }
    }
}
