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
 * Conversion of whole models: layers made tensorial and dense again ({@link
 * io.github.djltcnn.conversion.Tensorizer}), and what models are made of ({@link
 * io.github.djltcnn.conversion.ModelSummary}).
 *
 * <p>It may use {@code nn}, {@code decomposition} and the tree of blocks.
 *
 * <p>A layer is named by its path from the root: the names of the children joined by dots. DJL
 * numbers children, as in {@code 02ParallelBlock}; the number is left out where the child has a
 * name of its own, as in {@code stage2.unit1.body.conv1}.
 */
package io.github.djltcnn.conversion;
