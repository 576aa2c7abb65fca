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
package io.github.djltcnn.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.djltcnn.torchscript.ScriptArchive;
import io.github.djltcnn.torchscript.ScriptModule;

/** How often libtorch has changed a gradient. A backward pass that reaches it changes it. */
final class GradientVersion {

    private static final ScriptModule MODULE =
            ScriptModule.load(
                    ScriptArchive.builder("GradientVersion")
                            .addMethod(
                                    """
                                    def forward(self, p: Tensor) -> Tensor:
                                      n = -1
                                      gradient = annotate(Optional[Tensor], ops.prim.grad(p))
                                      if torch.__isnot__(gradient, None):
                                        n = torch._version(unchecked_cast(Tensor, gradient))
                                      return torch.tensor(n)""")
                            .build(),
                    Device.cpu());

    private GradientVersion() {}

    /** The version of the gradient of a parameter; -1 if it has none yet. */
    static long of(NDArray weight) {
        try (NDList result = MODULE.call("forward", weight)) {
            return result.head().getLong();
        }
    }
}
