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
 * The tree of blocks: its leaves with their paths and shapes, the layers that have a kernel, single
 * layers made tensorial or dense, and blocks put in the place of others.
 *
 * <p>For the packages that work on whole models, not for users. It may use {@code nn} and what that
 * stands on. {@link io.github.djltcnn.blocks.internal.DjlInternals} alone reads DJL's private
 * fields.
 *
 * <p>A layer is named by its path from the root: the names of the children joined by dots. DJL
 * numbers children, as in {@code 02ParallelBlock}; the number is left out where the child has a
 * name of its own, as in {@code stage2.unit1.body.conv1}.
 */
package io.github.djltcnn.blocks.internal;
