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
/**
 * The operations of a plan and their execution on arrays, and the weights kept between predictions.
 *
 * <p>A new operation is one record here, an {@link
 * io.github.djltcnn.contraction.internal.execution.ActivationStep} with its shapes and its
 * execution; {@code StepOptions} offers it with its cost, under a kind in {@code cost.Operation},
 * and {@code ActivationLowering} writes it where a path takes that kind.
 *
 * <p>Uses {@code network} and {@code contraction.internal.cost}.
 */
package io.github.djltcnn.contraction.internal.execution;
