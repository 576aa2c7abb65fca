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
package io.github.djltcnn.examples.initialization;

import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Draws the networks of docs/initialization.md as SVG files into a folder. */
public final class DrawNetworks {

    private static final Map<String, String> NETWORKS =
            new TreeMap<>(
                    Map.of(
                            "dense", "o=32 i=32 h=3 w=3",
                            "cp", "i=32 r=16, h=3 r, w=3 r, o=32 r",
                            "tucker2", "i=32 r1=16, r1 r2=16 h=3 w=3, r2 o=32",
                            "htk2", "i=32 r=16, r h=3 w=3, r o=32",
                            "tt", "i1=4 r1=6, r1 i2=8 r2=6, r2 h=3 w=3 r3=6, r3 o1=4 r4=6, r4 o2=8",
                            "tr",
                                    "r0=6 i1=4 r1=6, r1 i2=8 r2=6, r2 h=3 w=3 r3=6, r3 o1=4 r4=6,"
                                            + " r4 o2=8 r0",
                            "btt", "rb=3 i=32 r1=8, rb r1 r2=8 h=3 w=3, rb r2 o=32",
                            "odd", "i1=4 o1=8 r1=3, i1 i2=8 r1 r2=4 h=3, r1 r2 w=3 o2=4"));

    private DrawNetworks() {}

    /**
     * Draws the networks.
     *
     * @param args the folder, {@code docs/images/networks} if left out
     * @throws IOException if a file cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args.length == 0 ? "docs/images/networks" : args[0]);
        Files.createDirectories(folder);
        for (Map.Entry<String, String> entry : NETWORKS.entrySet()) {
            Files.writeString(
                    folder.resolve(entry.getKey() + ".svg"),
                    NetworkDrawing.svg(TensorNetwork.parse(entry.getValue())),
                    StandardCharsets.UTF_8);
        }
    }
}
