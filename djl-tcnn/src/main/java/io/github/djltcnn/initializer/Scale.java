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
package io.github.djltcnn.initializer;

/**
 * Whether the rule holds on average over draws or for each draw.
 *
 * @since 0.1.0
 */
public enum Scale {
    /** The variance of each core is as computed; the norm of the kernel varies between draws. */
    EXPECTED,
    /**
     * All cores of a layer are multiplied by one number after drawing, so that the squared norm of
     * the kernel is exactly what it is on average under {@link #EXPECTED}. The norm is computed
     * without building the kernel, by contracting the network with itself.
     */
    EXACT
}
