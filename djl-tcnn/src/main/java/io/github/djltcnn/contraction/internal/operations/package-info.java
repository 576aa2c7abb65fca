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
 * The operations of plans, one class each: what it offers to the search, the step that it writes,
 * and how that step is computed. {@link
 * io.github.djltcnn.contraction.internal.operations.PlanOperations} lists them.
 *
 * <p>Uses {@code network}, {@code runtime} and the other rooms inside {@code contraction}.
 */
package io.github.djltcnn.contraction.internal.operations;
