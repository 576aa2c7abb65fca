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
package io.github.djltcnn.contraction.internal.search;

import io.github.djltcnn.contraction.internal.cost.Work;

/**
 * One way to compute an {@link ActivationContraction} from an activation in a given order of axes.
 *
 * @param source the order the step takes; where the activation has another it is copied first
 * @param copy the copy, or null where none is needed
 * @param work the step
 * @param result the order of the result
 */
public record StepOption(ActivationLayout source, Work copy, Work work, ActivationLayout result) {}
