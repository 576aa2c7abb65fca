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
package io.github.djltcnn.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.ContractionEngine;
import io.github.djltcnn.network.Layout;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tensors arrive with their numbers, and lie in memory as they were asked to. */
public class ScriptArchiveTest {

    /** Shapes of weights of convolutions. */
    @DataProvider
    public Object[][] shapes() {
        return new Object[][] {
            {new Shape(2, 3, 5)}, {new Shape(4, 3, 2, 5)}, {new Shape(2, 3, 2, 3, 4)},
        };
    }

    @Test(dataProvider = "shapes")
    public void tensorsLieAsAsked(Shape shape) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray numbers = manager.arange((float) shape.size()).reshape(shape);
            ScriptArchive archive =
                    ScriptArchive.builder("Weights")
                            .addTensor("plain", numbers)
                            .addTensor("last", numbers, true)
                            .addMethod(
                                    "def plain_of(self, x: Tensor) -> Tensor:\n"
                                            + "  return self.plain")
                            .addMethod(
                                    "def last_of(self, x: Tensor) -> Tensor:\n"
                                            + "  return self.last")
                            .build();
            try (ScriptModule module = ScriptModule.load(archive, manager.getDevice())) {
                NDArray plain = module.call("plain_of", numbers).head();
                NDArray last = module.call("last_of", numbers).head();
                Assert.assertTrue(plain.contentEquals(numbers));
                Assert.assertTrue(last.contentEquals(numbers));
                Assert.assertEquals(ContractionEngine.layoutOf(plain), Layout.CHANNELS_FIRST);
                Assert.assertEquals(ContractionEngine.layoutOf(last), Layout.CHANNELS_LAST);
            }
        }
    }

    @Test
    public void channelsLieLastOfThreeAxesOrMore() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray matrix = manager.ones(new Shape(2, 3));
            IllegalArgumentException refusal =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> ScriptArchive.builder("M").addTensor("a", matrix, true));
            Assert.assertTrue(refusal.getMessage().contains("(2, 3)"), refusal.getMessage());
        }
    }
}
