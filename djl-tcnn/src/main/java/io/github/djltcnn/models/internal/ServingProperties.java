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

import io.github.djltcnn.runtime.internal.PyTorch;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The file {@code serving.properties}, by which DJL finds what builds the model. It says nothing of
 * the model itself, which a crash between two files could make untrue; settings that a user adds,
 * such as {@code batch_size}, are kept by later saves.
 */
final class ServingProperties {

    /** The name of the file. */
    static final String FILE = "serving.properties";

    /** The class that builds saved models. */
    static final String BUILDER = "io.github.djltcnn.models.spi.StructureBlockFactory";

    private ServingProperties() {}

    /**
     * The content of the file: what is there already, and what a model needs.
     *
     * @param folder the folder
     * @param structure the model
     * @param compile whether DJL is to compile the model when it loads it; null to leave what the
     *     file says
     */
    static byte[] of(Path folder, Structure structure, Boolean compile) throws IOException {
        Properties properties = read(folder);
        // Without the engine DJL Serving guesses one by the names of the files.
        properties.setProperty("engine", PyTorch.ENGINE);
        properties.setProperty("blockFactory", BUILDER);
        properties.setProperty("option.modelName", structure.name());
        properties.setProperty("option.hasParameter", "false");
        if (Boolean.TRUE.equals(compile)) {
            properties.setProperty(ModelProperties.COMPILE, "true");
        } else if (compile != null) {
            properties.remove(ModelProperties.COMPILE);
        }
        StringWriter text = new StringWriter();
        properties.store(text, null);
        // As Properties writes them, but sorted and without the time.
        return text.toString()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .sorted()
                .collect(Collectors.joining("\n", "", "\n"))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** What the file of a folder says; nothing if there is none, or it is no such file. */
    static Properties read(Path folder) throws IOException {
        Properties properties = new Properties();
        Path file = folder.resolve(FILE);
        if (Files.isRegularFile(file)) {
            byte[] bytes = ModelFolder.bytes(file, StructureFile.MAX_STRUCTURE);
            try (Reader reader = new StringReader(new String(bytes, StandardCharsets.UTF_8))) {
                properties.load(reader);
            } catch (IllegalArgumentException e) {
                return new Properties(); // malformed escapes: DJL refuses it by itself
            }
        }
        return properties;
    }

    /** Whether a file is a properties file that a save wrote. */
    static boolean isOwn(Path file) throws IOException {
        return file.getFileName().toString().equals(FILE)
                && BUILDER.equals(read(file.getParent()).getProperty("blockFactory"));
    }

    /** The settings of the file, for messages that say where one comes from. */
    static Map<String, String> settings(Path folder) throws IOException {
        Map<String, String> settings = new TreeMap<>();
        Properties properties = read(folder);
        properties.stringPropertyNames().forEach(k -> settings.put(k, properties.getProperty(k)));
        return settings;
    }
}
