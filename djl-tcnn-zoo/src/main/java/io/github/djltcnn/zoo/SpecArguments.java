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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.PlannerOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads and writes {@link ResNetSpec} as DJL's loosely typed model arguments. */
final class SpecArguments {

    /** The name of the model. */
    static final String MODEL = "model";

    /** Whether the parameters are to be drawn; else they come from a file. */
    static final String INITIALIZE = "initialize";

    /** The arguments that change a model named by {@link #MODEL}. */
    static final Set<String> NUMBERS =
            Set.of("rank", "classes", "channels", "height", "width", "seed");

    private static final Pattern NUMBER =
            Pattern.compile("[+-]?[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?");

    private SpecArguments() {}

    static ResNetSpec read(Map<String, ?> arguments) {
        Object name = arguments.get(MODEL);
        if (name == null) {
            throw new IllegalArgumentException(
                    "The argument \""
                            + MODEL
                            + "\" is missing; set it to a name of the zoo, as in "
                            + "tr_resnet20");
        }
        ResNetSpec spec = ResNetSpec.parse(name.toString());
        Shape image = spec.image();
        int rank = (int) number(arguments, "rank", spec.rank());
        if (rank != spec.rank() && name.toString().matches(".*_r\\d+")) {
            throw new IllegalArgumentException(
                    "The name "
                            + name
                            + " says rank "
                            + spec.rank()
                            + ", the argument rank "
                            + rank);
        }
        return new ResNetSpec(
                spec.family(),
                spec.layers(),
                rank,
                (int) number(arguments, "classes", spec.outSize()),
                new Shape(
                        number(arguments, "channels", image.get(0)),
                        number(arguments, "height", image.get(1)),
                        number(arguments, "width", image.get(2))),
                seed(arguments),
                planner(arguments));
    }

    /** The options of the planner among the arguments. */
    private static PlannerOptions planner(Map<String, ?> arguments) {
        Map<String, Object> options = new LinkedHashMap<>();
        arguments.forEach(
                (key, value) -> {
                    if (PlannerOptions.isOption(key)) {
                        options.put(key, value);
                    }
                });
        return PlannerOptions.fromMap(options);
    }

    static Map<String, Object> write(ResNetSpec spec) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("blockFactory", ResNetBlockFactory.class.getName());
        arguments.put("translatorFactory", ResNetTranslatorFactory.class.getName());
        arguments.put(MODEL, spec.name());
        arguments.put("classes", spec.outSize());
        arguments.put("channels", spec.image().get(0));
        arguments.put("height", spec.image().get(1));
        arguments.put("width", spec.image().get(2));
        arguments.put("seed", Long.toString(spec.seed()));
        arguments.putAll(spec.planner().toMap());
        // DJL's own translator takes these too.
        arguments.put("resize", "true");
        arguments.put("flag", spec.image().get(0) == 1 ? "GRAYSCALE" : "COLOR");
        arguments.put("applySoftmax", "true");
        return arguments;
    }

    /** JSON makes every number a double, a query every number a text. */
    private static long number(Map<String, ?> arguments, String key, long otherwise) {
        Object value = arguments.get(key);
        if (value == null) {
            return otherwise;
        }
        String text = value.toString().trim();
        // Java alone would also read 10d, 0x1p3 and digits of other scripts.
        if (!NUMBER.matcher(text).matches()) {
            throw notWhole(key, value, null);
        }
        double number = Double.parseDouble(text);
        if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
            throw notWhole(key, value, null);
        }
        return (long) number;
    }

    /** A seed may be any long, so a text is not read as a double. */
    private static long seed(Map<String, ?> arguments) {
        Object value = arguments.get("seed");
        if (value instanceof String text) {
            try {
                return Long.parseLong(text.trim());
            } catch (NumberFormatException e) {
                throw notWhole("seed", value, e);
            }
        }
        return value instanceof Long seed ? seed : number(arguments, "seed", 0);
    }

    private static IllegalArgumentException notWhole(String key, Object value, Exception cause) {
        return new IllegalArgumentException(
                "The argument " + key + " is a whole number, got \"" + value + "\"", cause);
    }
}
