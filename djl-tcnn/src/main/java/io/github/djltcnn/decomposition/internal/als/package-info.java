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
 * Alternating least squares and its company for small networks: Levenberg and Marquardt, basin
 * hopping.
 *
 * <p>{@code AlsRun} runs sweeps and carries the cores on between them. {@code Sweep} says in which
 * order the cores are updated and contracts the kernel with the first of them once for all others.
 * {@code CoreLeastSquares} updates one core: its right side and its Gram matrix are two planned
 * contractions ({@code Einsum}) of the other cores, so that a further factor of the norm is a
 * further tensor in both; {@code DampedSystem} solves. Cores lie on the heap; the kernel, and all
 * between two updates, in the {@code Workspace} that is open. It may use the algebra, the graph and
 * the decompositions by singular values.
 */
package io.github.djltcnn.decomposition.internal.als;
