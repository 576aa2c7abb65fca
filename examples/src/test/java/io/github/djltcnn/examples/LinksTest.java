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

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What the pages point at is there: files, headings, tests, programs and their options. */
public class LinksTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern CODE = Pattern.compile("```.*?```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern NAME = Pattern.compile("`([\\w.]+)`");
    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w+Test)\\b");
    private static final Pattern PROGRAM = Pattern.compile("exec\\.mainClass=([\\w.]+)(.*)");
    private static final Pattern OPTION = Pattern.compile("(?<=[ \"`])--[a-z][a-z-]+");

    private final Map<String, String> sources = new HashMap<>();

    @Test
    public void linksLeadSomewhere() throws IOException {
        List<String> wrong = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            String text = CODE.matcher(Files.readString(page)).replaceAll("");
            Matcher link = LINK.matcher(text);
            while (link.find()) {
                String target = link.group(1);
                if (target.startsWith("http")) {
                    continue;
                }
                links++;
                int hash = target.indexOf('#');
                String file = hash < 0 ? target : target.substring(0, hash);
                Path there = file.isEmpty() ? page : page.resolveSibling(file);
                if (Files.notExists(there)
                        || (hash >= 0 && !anchors(there).contains(target.substring(hash + 1)))) {
                    wrong.add(page.getFileName() + ": " + target);
                }
            }
        }
        Assert.assertEquals(wrong, List.of(), "links that lead nowhere");
        Assert.assertTrue(links > 50, links + " links");
    }

    /** The names that a page of GitHub gives to its headings. */
    private static List<String> anchors(Path page) throws IOException {
        List<String> anchors = new ArrayList<>();
        Matcher heading = HEADING.matcher(Files.readString(page));
        while (heading.find()) {
            anchors.add(
                    heading.group(1)
                            .strip()
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\w\\- ]", "")
                            .replace(' ', '-'));
        }
        return anchors;
    }

    @Test
    public void testsAndProgramsAreThere() throws IOException {
        readSources();
        List<String> wrong = new ArrayList<>();
        int programs = 0;
        for (Path page : pages()) {
            String text = Files.readString(page).replace("\\\n", " ");
            for (var test : TEST.matcher(text).results().toList()) {
                if (!sources.containsKey(test.group(1)) && !"SomeTest".equals(test.group(1))) {
                    wrong.add(page.getFileName() + ": no test " + test.group(1));
                }
            }
            for (var program : PROGRAM.matcher(text).results().toList()) {
                programs++;
                String name = program.group(1);
                String source = sources.get(name.substring(name.lastIndexOf('.') + 1));
                if (source == null) {
                    wrong.add(page.getFileName() + ": no program " + name);
                    continue;
                }
                String options = source + sources.get("ImageOptions");
                for (var option : OPTION.matcher(program.group(2)).results().toList()) {
                    if (!options.contains("\"" + option.group() + "\"")) {
                        wrong.add(page.getFileName() + ": no option " + name + option.group());
                    }
                }
            }
        }
        Assert.assertEquals(wrong, List.of(), "named on pages and not there");
        Assert.assertTrue(programs > 10, programs + " programs");
    }

    /** The table of packages has all packages; internal ones may be left to their parents. */
    @Test
    public void packagesAreInTheTable() throws IOException {
        List<String> listed = new ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/architecture.md"))) {
            if (line.startsWith("| `")) {
                NAME.matcher(line.substring(0, line.indexOf('|', 1)))
                        .results()
                        .forEach(name -> listed.add(name.group(1)));
            }
        }
        List<String> missing = new ArrayList<>();
        List<String> packages = new ArrayList<>();
        for (String module : List.of("djl-tcnn", "djl-tcnn-zoo")) {
            Path root = ROOT.resolve(module).resolve("src/main/java/io/github/djltcnn");
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(f -> f.endsWith("package-info.java")).toList()) {
                    String name = root.relativize(file.getParent()).toString();
                    packages.add(name.replace(File.separatorChar, '.'));
                }
            }
        }
        for (String name : packages) {
            String parent = name.replaceAll("\\.(internal|spi).*", "");
            if (!listed.contains(name) && !listed.contains(parent)) {
                missing.add(name);
            }
        }
        Assert.assertEquals(missing, List.of(), "packages that docs/architecture.md lacks");
        Assert.assertTrue(packages.size() > 30, packages.toString());
        listed.removeAll(packages);
        Assert.assertEquals(listed, List.of(), "packages that are not there");
    }

    private void readSources() throws IOException {
        for (Path parent : List.of(ROOT, ROOT.resolve("examples"))) {
            try (Stream<Path> modules = Files.list(parent)) {
                for (Path module : modules.filter(m -> Files.exists(m.resolve("src"))).toList()) {
                    readSources(module.resolve("src"));
                }
            }
        }
    }

    private void readSources(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                String name = file.getFileName().toString();
                sources.put(
                        name.substring(0, name.length() - ".java".length()),
                        Files.readString(file));
            }
        }
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }
}
