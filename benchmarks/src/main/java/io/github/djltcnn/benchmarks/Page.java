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
package io.github.djltcnn.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of documentation with parts that programs write. */
final class Page {

    private Page() {}

    /** Replaces what stands between {@code <!-- name -->} and {@code <!-- /name -->}. */
    static void replace(Path page, String name, String text) throws IOException {
        String start = "<!-- " + name + " -->\n";
        String end = "<!-- /" + name + " -->";
        String old = Files.readString(page);
        int from = old.indexOf(start);
        int to = old.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(page + " has no part between " + start.trim() + " and " + end);
        }
        Files.writeString(page, old.substring(0, from + start.length()) + text + old.substring(to));
    }
}
