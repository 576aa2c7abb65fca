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
 * A trained model made smaller or faster in one call: {@link
 * io.github.djltcnn.compression.Compressor}, and its parts that stand alone: distillation towards
 * the answers of another model, and the measured times of layers.
 *
 * <p>It may use {@code conversion}, {@code decomposition}, {@code batchnorm}, {@code training},
 * {@code export}, {@code models} and what these use.
 */
package io.github.djltcnn.compression;
