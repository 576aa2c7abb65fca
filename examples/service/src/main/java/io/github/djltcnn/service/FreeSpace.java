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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says how much space is left; a bean of its own, so that tests fill the disk. */
@FunctionalInterface
interface FreeSpace {

    /** That of the disk. */
    FreeSpace DISK = folder -> Files.getFileStore(folder).getUsableSpace();

    /** The bytes that can be written to a folder. */
    long bytes(Path folder) throws IOException;
}
