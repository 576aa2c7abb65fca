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
package io.github.djltcnn.integration.rooms;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The public top-level types of the library and the zoo outside internal packages, as they were
 * before the packages were rebuilt and as the compiled classes have them now.
 *
 * @param before the names then, without the root package
 * @param reasons why those went that are gone, by simple name
 * @param now the names now, each with the first sentence of its Javadoc
 */
record PublicTypes(
        SortedSet<String> before, Map<String, String> reasons, SortedMap<String, String> now) {

    private static final String ROOT = "io.github.djltcnn.";
    private static final Set<String> OTHERS = Set.of("examples", "integration", "benchmarks");
    private static final Pattern DOC =
            Pattern.compile(
                    "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@[^\\n]*\\n)*public ", Pattern.DOTALL);
    private static final Pattern SENTENCE = Pattern.compile("^(.*?[.:;])(\\s|$)", Pattern.DOTALL);

    /** Reads the compiled classes on the class path, and their sources. */
    static PublicTypes read() throws IOException {
        SortedMap<String, String> now = new TreeMap<>();
        for (JavaClass type : Rooms.Compiled.CLASSES) {
            Path source = source(type);
            if (isPublic(type) && source != null) {
                now.put(type.getName().substring(ROOT.length()), sentence(source));
            }
        }
        return new PublicTypes(then(), why(), now);
    }

    private static boolean isPublic(JavaClass type) {
        String room = type.getPackageName() + ".";
        return type.isTopLevelClass()
                && type.getModifiers().contains(JavaModifier.PUBLIC)
                && room.startsWith(ROOT)
                && !room.contains(".internal.")
                && OTHERS.stream().noneMatch(other -> room.startsWith(ROOT + other + "."));
    }

    private static SortedSet<String> then() throws IOException {
        try (InputStream stream = PublicTypes.class.getResourceAsStream("public-types.txt")) {
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Map<String, String> why() throws IOException {
        Properties properties = new Properties();
        try (InputStream stream = PublicTypes.class.getResourceAsStream("public-types.properties");
                InputStreamReader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty));
    }

    /** The source of a type in the library or the zoo, or null. */
    private static Path source(JavaClass type) {
        String file = type.getName().replace('.', '/') + ".java";
        for (String module : List.of("djl-tcnn", "djl-tcnn-zoo")) {
            Path source = Path.of("..", module, "src", "main", "java").resolve(file);
            if (Files.exists(source)) {
                return source;
            }
        }
        return null;
    }

    /** The first sentence of the Javadoc of a type. */
    private static String sentence(Path source) {
        try {
            Matcher doc = DOC.matcher(Files.readString(source));
            if (!doc.find()) {
                throw new AssertionError("No Javadoc in " + source);
            }
            String text =
                    doc.group(1)
                            .replaceAll("\\s*\\n\\s*\\* ?", " ")
                            .replaceAll("\\{@(?:code|link|linkplain) ([^}]*)}", "`$1`")
                            .replaceAll("<a [^>]*>|</?[a-z]+>", "")
                            .replaceAll("\\s+", " ")
                            .replace("|", "\\|")
                            .strip();
            Matcher sentence = SENTENCE.matcher(text);
            String first = sentence.find() ? sentence.group(1) : text;
            return first.replaceAll("[.:;]$", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The page that lists them. */
    String page() {
        Map<String, String> places =
                now.keySet().stream().collect(Collectors.toMap(PublicTypes::simple, name -> name));
        StringBuilder went = new StringBuilder();
        StringBuilder moved = new StringBuilder();
        StringBuilder stayed = new StringBuilder();
        for (String name : before) {
            String place = places.get(simple(name));
            if (name.equals(place)) {
                stayed.append(row(name, now.get(name)));
            } else {
                String reason = reasons.get(simple(name));
                if (reason == null) {
                    throw new AssertionError("Why is " + name + " not where it was?");
                }
                String to = place == null ? "" : " | `" + place + "`";
                (place == null ? went : moved)
                        .append("| `" + name + "`" + to + " | " + reason + " |\n");
            }
        }
        Set<String> old = before.stream().map(PublicTypes::simple).collect(Collectors.toSet());
        StringBuilder came = new StringBuilder();
        now.forEach(
                (name, sentence) -> {
                    if (!old.contains(simple(name))) {
                        came.append(row(name, sentence));
                    }
                });
        String head =
                """
                # Public types

                The public types of the library and the zoo, outside packages called `internal`:
                before the packages were rebuilt (%d types, commit e429f02) and now (%d). Names are
                without `io.github.djltcnn`. The page is written from the compiled classes and the
                first sentence of their Javadoc; a test fails when it is out of date:

                    mvn -q -ntp -Pquick test -pl integration-tests -am \\
                        -Dsurefire.failIfNoSpecifiedTests=false -Dtest=PublicTypesTest \\
                        -Dtypes.write=true

                Why a type went or moved stands in `public-types.properties` beside the test.

                """
                        .formatted(before.size(), now.size());
        return head
                + "## Went\n\n| type | why |\n|---|---|\n"
                + went
                + "\n## Moved\n\n| type | now | why |\n|---|---|---|\n"
                + moved
                + "\n## Came\n\n| type | for what |\n|---|---|\n"
                + came
                + "\n## Stayed\n\n| type | for what |\n|---|---|\n"
                + stayed;
    }

    private static String row(String name, String text) {
        return "| `" + name + "` | " + text + " |\n";
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
