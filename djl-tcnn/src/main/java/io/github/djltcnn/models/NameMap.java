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
package io.github.djltcnn.models;

import ai.djl.nn.Parameter;

/**
 * Says under which name a file of weights holds a parameter.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface NameMap {

    /** The names of this library: paths, such as {@code stage1.unit1.body.conv1.weight}. */
    NameMap PATHS = (path, type) -> path;

    /**
     * Returns the name of a parameter in a file.
     *
     * @param path the path of the parameter, such as {@code stem.norm.gamma}
     * @param type its type
     * @return its name in the file, such as {@code bn1.weight}
     */
    String fileName(String path, Parameter.Type type);

    /**
     * Returns whether a name in the file stands for nothing in a model of DJL.
     *
     * @param fileName the name in the file
     * @return true if it may be left over
     */
    default boolean isIgnored(String fileName) {
        return false;
    }
}
