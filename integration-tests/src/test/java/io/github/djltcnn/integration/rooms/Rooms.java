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

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The packages of the library and the zoo, read from the compiled classes.
 *
 * @param files the number of source files of each package
 * @param uses for each package the packages it depends on
 */
record Rooms(SortedMap<String, Integer> files, SortedMap<String, SortedSet<String>> uses) {

    private static final String ROOT = "io.github.djltcnn.";
    private static final Set<String> OTHERS = Set.of("examples", "integration", "benchmarks");

    /** The compiled classes on the class path, read once for all tests. */
    static final class Compiled {

        static final JavaClasses CLASSES =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.github.djltcnn");

        private Compiled() {}
    }

    /** Takes the rooms from the compiled classes. */
    static Rooms read() {
        SortedMap<String, SortedSet<String>> sources = new TreeMap<>();
        SortedMap<String, SortedSet<String>> uses = new TreeMap<>();
        for (JavaClass type : Compiled.CLASSES) {
            if (isOurs(type)) {
                String room = room(type);
                String source =
                        type.getSource().flatMap(s -> s.getFileName()).orElse(type.getName());
                sources.computeIfAbsent(room, r -> new TreeSet<>()).add(source);
                SortedSet<String> used = uses.computeIfAbsent(room, r -> new TreeSet<>());
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (isOurs(target) && !room(target).equals(room)) {
                        used.add(room(target));
                    }
                }
            }
        }
        SortedMap<String, Integer> files = new TreeMap<>();
        sources.forEach(
                (room, names) -> {
                    names.remove("package-info.java");
                    files.put(room, names.size());
                });
        files.values().removeIf(count -> count == 0);
        uses.keySet().retainAll(files.keySet());
        return new Rooms(files, uses);
    }

    /** Whether an arrow from one room to another says nothing new: a longer way says it too. */
    boolean isImplied(String from, String to) {
        return uses.get(from).stream()
                .filter(between -> !between.equals(to))
                .anyMatch(between -> reaches(between, to, new TreeSet<>()));
    }

    private boolean reaches(String from, String to, Set<String> seen) {
        return from.equals(to)
                || (seen.add(from)
                        && uses.get(from).stream().anyMatch(next -> reaches(next, to, seen)));
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(ROOT)
                && !OTHERS.contains(room(type).replaceAll("\\..*", ""));
    }

    private static String room(JavaClass type) {
        return type.getPackageName().substring(ROOT.length());
    }
}
