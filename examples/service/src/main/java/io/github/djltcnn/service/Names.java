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
package io.github.djltcnn.service;

import java.util.regex.Pattern;

/** Names that become names of folders. */
final class Names {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    private Names() {}

    /** Gives back a name for a folder, or says why it is none. */
    static String check(String what, String name) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw Problem.bad(
                    "The name of " + what + " is no name",
                    name,
                    "1 to 64 letters from A to Z, digits, dashes and underscores, a letter or digit"
                            + " first");
        }
        return name;
    }
}
