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
package io.github.djltcnn.common.internal;

import java.nio.charset.StandardCharsets;

/** Checks texts that go into files. */
public final class Texts {

    private static final int SHOWN = 100;

    private Texts() {}

    /**
     * Refuses half a character, which would come back as a question mark.
     *
     * @param text a text that is written in UTF-8
     * @throws IllegalArgumentException if it has half of a surrogate pair
     */
    public static void checkText(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    "A label, a name or a note of the model is no text: it has half of a surrogate"
                            + " pair"
                            + (text.length() <= SHOWN ? ", \"" + text + '"' : ""));
        }
    }

    /**
     * Refuses what would not come back as one line of a file of labels.
     *
     * @param label the name of a class
     * @throws IllegalArgumentException if it is blank, has blanks around it, is more than one line
     *     or has half a character
     */
    public static void checkLabel(String label) {
        checkText(label);
        if (label.isBlank() || !label.equals(label.strip()) || label.lines().count() > 1) {
            throw new IllegalArgumentException(
                    "A label is one line of text without blanks around it; got \"" + label + "\"");
        }
    }
}
