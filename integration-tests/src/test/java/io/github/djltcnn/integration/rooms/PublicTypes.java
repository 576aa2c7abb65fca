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
    private static final Pattern COMMA = Pattern.compile(", ");

    private static final String HEAD =
            """
            # Public types

            What a user needs comes first, then all public types of the library and the zoo outside
            packages called `internal`. Names are without `io.github.djltcnn`. This page is written
            from the compiled classes and the first sentence of their Javadoc; a test fails when it
            is out of date:

                mvn -q -ntp -Pquick test -pl integration-tests -am \\
                    -Dsurefire.failIfNoSpecifiedTests=false -Dtest=PublicTypesTest \\
                    -Dtypes.write=true

            The first table is made of `types-by-task.txt`, the reasons below stand in
            `public-types.properties`, both beside the test.

            ## What a user needs

            """;

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
        return new PublicTypes(new TreeSet<>(lines("public-types.txt")), why(), now);
    }

    private static boolean isPublic(JavaClass type) {
        String room = type.getPackageName() + ".";
        return type.isTopLevelClass()
                && type.getModifiers().contains(JavaModifier.PUBLIC)
                && room.startsWith(ROOT)
                && !room.contains(".internal.")
                && OTHERS.stream().noneMatch(other -> room.startsWith(ROOT + other + "."));
    }

    private static List<String> lines(String resource) {
        try (InputStream stream = PublicTypes.class.getResourceAsStream(resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
        Map<String, String> old =
                before.stream().collect(Collectors.toMap(PublicTypes::simple, name -> name));
        StringBuilder went = new StringBuilder();
        StringBuilder moved = new StringBuilder();
        for (String name : before) {
            String place = places.get(simple(name));
            if (!name.equals(place)) {
                String reason = reasons.get(simple(name));
                if (reason == null) {
                    throw new AssertionError("Why is " + name + " not where it was?");
                }
                if (place == null) {
                    went.append(row("`" + name + "`", reason));
                } else {
                    moved.append(row("`" + name + "`", "`" + place + "`", reason));
                }
            }
        }
        StringBuilder all = new StringBuilder();
        now.forEach(
                (name, sentence) ->
                        all.append(
                                row(
                                        "`" + name + "`",
                                        sentence,
                                        old.containsKey(simple(name)) ? "" : "new")));
        return HEAD
                + "| for | types |\n|---|---|\n"
                + needs()
                + """

                ## All of them

                The other types are what those of the first table take and give, what a class of
                your own implements, and what DJL finds by itself (`zoo.*Factory`,
                `zoo.TcnnZooProvider`, `models.spi`). There are %d; of those without `new` there
                were %d before the packages were rebuilt (commit e429f02).

                """
                        .formatted(now.size(), before.size())
                + "| type | what it is | |\n|---|---|---|\n"
                + all
                + "\n## Went since then\n\n| type | why |\n|---|---|\n"
                + went
                + "\n## Moved since then\n\n| type | now | why |\n|---|---|---|\n"
                + moved;
    }

    /** The rows of the types that a user needs, by task. */
    private String needs() {
        StringBuilder rows = new StringBuilder();
        for (String line : lines("types-by-task.txt")) {
            int colon = line.indexOf(':');
            StringBuilder types = new StringBuilder();
            for (String name : COMMA.split(line.substring(colon + 1).strip(), 0)) {
                if (!now.containsKey(name)) {
                    throw new AssertionError("types-by-task.txt: there is no public " + name);
                }
                types.append(types.isEmpty() ? "`" : ", `").append(name).append('`');
            }
            rows.append(row(line.substring(0, colon), types.toString()));
        }
        return rows.toString();
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
