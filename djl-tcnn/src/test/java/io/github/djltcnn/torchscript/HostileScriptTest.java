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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Calls of modules that have no such method, or another number of arguments. */
public class HostileScriptTest {

    private static ScriptModule square() {
        return ScriptModule.load(
                ScriptArchive.builder("Square")
                        .addMethod(
                                "def forward(self, x: Tensor) -> Tensor:\n"
                                        + "  return torch.mul(x, x)")
                        .build(),
                Device.cpu());
    }

    @Test
    void testCalls() {
        try (ScriptModule module = square();
                NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.full(new Shape(2), 3f);
            String message =
                    Assert.expectThrows(
                                    IllegalArgumentException.class, () -> module.call("cube", x))
                            .getMessage();
            Assert.assertTrue(message.contains("no method \"cube\""), message);
            Assert.assertThrows(IllegalArgumentException.class, () -> module.call("forward"));
            Assert.assertThrows(IllegalArgumentException.class, () -> module.call("forward", x, x));
            Assert.assertEquals(
                    module.call("forward", x).singletonOrThrow().toFloatArray(),
                    new float[] {9, 9});
        }
    }

    @Test
    void testClosed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ScriptModule module = square();
            module.close();
            module.close();
            NDArray x = manager.ones(new Shape(2));
            Assert.assertThrows(IllegalStateException.class, () -> module.call("forward", x));
        }
    }
}
