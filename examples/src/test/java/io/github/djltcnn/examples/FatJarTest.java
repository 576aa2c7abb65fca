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
package io.github.djltcnn.examples;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.testing.files.Folders;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * A service in one jar: the classes and resources of DJL, its engine and this library in one file,
 * the lists of services one after another, as the usual plugins pack it. It is started in a process
 * of its own, loads a saved folder and predicts.
 *
 * <p>The shared libraries of libtorch stay out, which this process has unpacked already: they would
 * make the jar 100 MB larger and nothing in it is looked for in another way.
 */
public class FatJarTest {

    private static final String SERVICES = "META-INF/services/";

    @Test(timeOut = 300_000)
    public void aServiceInOneJarLoadsAFolder() throws Exception {
        Path root = Files.createTempDirectory("fat");
        try {
            Path jar = root.resolve("service.jar");
            int parts = pack(jar);
            Assert.assertTrue(parts > 10, parts + " parts");
            Path folder = root.resolve("model");
            try (Model model = TcnnZoo.load("resnet20_fashionmnist")) {
                TensorialModels.save(model, folder);
            }
            Path picture = root.resolve("picture.png");
            Image image = FashionMnist.subset().test().image(0);
            try (OutputStream os = Files.newOutputStream(picture)) {
                image.save(os, "png");
            }
            String expected = FolderService.answer(folder, picture);
            String found = start(root, jar, folder, picture);
            Assert.assertTrue(found.lines().anyMatch(expected::equals), expected + "\n" + found);
        } finally {
            Folders.delete(root);
        }
    }

    private static String start(Path root, Path jar, Path folder, Path picture) throws Exception {
        Process process =
                new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/java",
                                "-Xmx1g",
                                "-Dai.djl.pytorch.num_threads=1",
                                "-jar",
                                jar.toString(),
                                folder.toString(),
                                picture.toString())
                        .directory(root.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assert.assertTrue(process.waitFor(1, TimeUnit.MINUTES), output);
        Assert.assertEquals(process.exitValue(), 0, output);
        return output;
    }

    /** Packs what is on the class path into one jar; returns how many jars and folders it was. */
    private static int pack(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, FolderService.class.getName());
        Map<String, ByteArrayOutputStream> services = new TreeMap<>();
        Set<String> names = new HashSet<>(Set.of(JarFile.MANIFEST_NAME));
        int parts = 0;
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.setLevel(1);
            for (String part :
                    System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path path = Path.of(part);
                // An empty part is the working folder, in which the jar lies.
                if (!part.isEmpty() && Files.isDirectory(path)) {
                    addFolder(path, out, names, services);
                    parts++;
                } else if (isNeeded(path)) {
                    addJar(path, out, names, services);
                    parts++;
                }
            }
            for (Map.Entry<String, ByteArrayOutputStream> service : services.entrySet()) {
                out.putNextEntry(new JarEntry(service.getKey()));
                service.getValue().writeTo(out);
            }
        }
        return parts;
    }

    /** Leaves out what a service does not have: the tests' libraries and another engine. */
    private static boolean isNeeded(Path jar) {
        String name = jar.getFileName().toString();
        return Files.isRegularFile(jar)
                && Stream.of("testng", "archunit", "onnxruntime", "jcommander", "surefire")
                        .noneMatch(name::startsWith);
    }

    private static void addFolder(
            Path folder,
            JarOutputStream out,
            Set<String> names,
            Map<String, ByteArrayOutputStream> services)
            throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
                try (InputStream in = Files.newInputStream(file)) {
                    add(name, in, out, names, services);
                }
            }
        }
    }

    private static void addJar(
            Path path,
            JarOutputStream out,
            Set<String> names,
            Map<String, ByteArrayOutputStream> services)
            throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (!entry.isDirectory() && !isSharedLibrary(path, entry.getName())) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        add(entry.getName(), in, out, names, services);
                    }
                }
            }
        }
    }

    private static boolean isSharedLibrary(Path jar, String name) {
        return jar.getFileName().toString().startsWith("pytorch-native")
                && name.startsWith("native/lib/")
                && !name.endsWith(".properties");
    }

    private static void add(
            String name,
            InputStream in,
            JarOutputStream out,
            Set<String> names,
            Map<String, ByteArrayOutputStream> services)
            throws IOException {
        if (name.startsWith(SERVICES)) {
            ByteArrayOutputStream lines =
                    services.computeIfAbsent(name, n -> new ByteArrayOutputStream());
            in.transferTo(lines);
            lines.write('\n');
        } else if (!name.matches("META-INF/[^/]*\\.(SF|DSA|RSA)") && names.add(name)) {
            out.putNextEntry(new JarEntry(name));
            in.transferTo(out);
        }
    }
}
