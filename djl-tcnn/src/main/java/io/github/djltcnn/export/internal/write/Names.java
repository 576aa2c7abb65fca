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
package io.github.djltcnn.export.internal.write;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Gives names that are identifiers and different from each other. */
final class Names {

    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    /** Keeps a name from being given. */
    void reserve(String name) {
        taken.add(name);
    }

    /** A name like the one wanted. */
    String next(String wanted) {
        String clean = wanted == null || wanted.isEmpty() ? "constant" : wanted;
        clean = clean.replaceAll("[^A-Za-z0-9_]", "_");
        if (!Character.isLetter(clean.charAt(0))) {
            clean = "p" + clean;
        }
        String name = clean;
        while (!taken.add(name)) {
            name = clean + "_" + numbers.merge(clean, 1, Integer::sum);
        }
        return name;
    }
}
