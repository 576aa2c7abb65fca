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
package io.github.djltcnn.models.internal;

import ai.djl.nn.BlockFactory;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Finds the class that builds a model. A thread of an application server, of a fat jar's common
 * pool or of native code may have a context class loader that knows nothing of the library, or
 * none.
 */
final class BlockFactories {

    private BlockFactories() {}

    /**
     * Makes a block factory.
     *
     * @param className its class
     * @param first loaders to ask before the thread's and the library's; may hold null
     * @return a new factory
     * @throws IllegalArgumentException if there is no such class, or it is no block factory
     */
    static BlockFactory make(String className, ClassLoader... first) {
        Set<ClassLoader> loaders = new LinkedHashSet<>(Arrays.asList(first));
        loaders.add(Thread.currentThread().getContextClassLoader());
        loaders.add(BlockFactories.class.getClassLoader());
        Throwable last = null;
        boolean other = false;
        for (ClassLoader loader : loaders.stream().filter(Objects::nonNull).toList()) {
            try {
                // The class is looked at before any of its code runs.
                Class<?> type = Class.forName(className, false, loader);
                if (BlockFactory.class.isAssignableFrom(type)
                        && !className.equals(ServingProperties.BUILDER)) {
                    return (BlockFactory) type.getDeclaredConstructor().newInstance();
                }
                other = true;
            } catch (ClassNotFoundException e) {
                last = e;
            } catch (ReflectiveOperationException | LinkageError e) {
                throw new IllegalArgumentException(
                        "the block factory "
                                + className
                                + " cannot be made: it needs a public constructor without"
                                + " arguments",
                        e);
            }
        }
        if (other) {
            throw new IllegalArgumentException(className + " is no block factory of a model");
        }
        throw new IllegalArgumentException(
                "the block factory "
                        + className
                        + " is not on the class path; add the jar that has it"
                        + (className.startsWith("io.github.djltcnn.zoo.") ? " (djl-tcnn-zoo)" : ""),
                last);
    }
}
