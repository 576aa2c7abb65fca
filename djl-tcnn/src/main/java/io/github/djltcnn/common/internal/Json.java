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

import ai.djl.util.JsonUtils;

/** The JSON (RFC 8259) of reports. */
public final class Json {

    private Json() {}

    /**
     * Writes an object on several lines; what is null is written as {@code null}.
     *
     * @param object maps, lists, texts, numbers, elements of JSON
     * @return the text
     */
    public static String write(Object object) {
        return JsonUtils.builder(true)
                .disableHtmlEscaping()
                .serializeNulls()
                .create()
                .toJson(object);
    }

    /**
     * Returns a number as JSON can say it.
     *
     * @param number the number
     * @return the number, or null if it is infinite or not a number
     */
    public static Double finite(double number) {
        return Double.isFinite(number) ? number : null;
    }
}
