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
package io.github.djltcnn.conversion;

import ai.djl.nn.Block;

/**
 * A converted model.
 *
 * <p>The given tree is converted in place. Where its root was a plain {@code SequentialBlock}, the
 * block here is a {@code TensorialSequential} with the same children in it, which trains faster:
 * use it by {@code model.setBlock(conversion.block())}. It saves and loads as the given one does.
 * Use one of the two from here on, since they have their parameters in common.
 *
 * @param block the model: the given block itself with other layers in it, unless it was a plain
 *     sequential block or a single layer
 * @param report what was done
 * @since 0.1.0
 */
public record Conversion(Block block, ConversionReport report) {}
