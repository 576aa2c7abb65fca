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

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this library, as the build writes it into a resource. */
final class LibraryVersion {

    private static final String RESOURCE = "version.properties";
    private static final String VERSION = read();

    private LibraryVersion() {}

    static String get() {
        return VERSION;
    }

    private static String read() {
        Properties properties = new Properties();
        try (InputStream is = LibraryVersion.class.getResourceAsStream(RESOURCE)) {
            if (is == null) {
                return "unknown"; // a repackaged jar may leave resources out
            }
            properties.load(is);
        } catch (IOException e) {
            throw new UncheckedIOException("The library's own " + RESOURCE, e);
        }
        return properties.getProperty("version");
    }
}
