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
package io.github.djltcnn.contraction.internal.operations;

import io.github.djltcnn.contraction.internal.lowering.PlanOperation;
import java.util.List;

/** The operations that plans are made of, besides copies. */
public final class PlanOperations {

    /** All of them; of ways that cost the same, those of the earlier operation are taken. */
    public static final List<PlanOperation> ALL =
            List.of(
                    new Scaling(),
                    new ConvolutionFirst(),
                    new BatchProduct(),
                    new ConvolutionLast(),
                    new MatrixProduct());

    private PlanOperations() {}
}
