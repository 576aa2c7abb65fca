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
package io.github.djltcnn.zoo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The names of the models in the zoo, and the way from a wrong name to the nearest right ones. */
final class ZooNames {

    private static final int NEAREST = 3;

    private ZooNames() {}

    /** All names at the default rank, in order of family and depth. */
    static List<String> all() {
        List<String> names = new ArrayList<>();
        for (ResNetFamily family : ResNetFamily.values()) {
            String rank = family == ResNetFamily.DENSE ? "" : "_r" + ResNetSpec.DEFAULT_RANK;
            IntStream.concat(
                            ResNetSpec.IMAGE_NET_LAYERS.stream().mapToInt(Integer::intValue),
                            ResNetSpec.CIFAR_LAYERS.stream().mapToInt(Integer::intValue))
                    .sorted()
                    .forEach(layers -> names.add(family.artifactId() + layers + rank));
        }
        return names;
    }

    /** The names that match a pattern in which {@code *} stands for any text. */
    static List<String> matching(String glob) {
        String regex =
                Arrays.stream(glob.split("\\*", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*"));
        Pattern pattern = Pattern.compile(regex);
        return all().stream()
                .filter(name -> pattern.matcher(name).matches())
                .collect(Collectors.toList());
    }

    /** The message about a name that is none. */
    static String unknown(String name) {
        String shown = name.length() > 80 ? name.substring(0, 80) + ".." : name;
        String nearest =
                all().stream()
                        .sorted(Comparator.comparingInt(known -> distance(shown, known)))
                        .limit(NEAREST)
                        .collect(Collectors.joining(", "));
        return "No model \""
                + shown
                + "\" in the zoo; the nearest are "
                + nearest
                + " (any rank: _r1 to _r512); TcnnZoo.list(\"*\") lists all";
    }

    /** The number of letters to change, insert or remove (Levenshtein). */
    static int distance(String a, String b) {
        int[] row = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
