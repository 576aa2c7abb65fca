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
package io.github.djltcnn.contraction;

import ai.djl.Device;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Planner options are values that can be written down. */
public class PlannerOptionsMapTest {

    private static final CostModel COSTS = CostModel.standard(Device.gpu(), 1);

    @DataProvider
    public Object[][] options() {
        PlannerOptions standard = PlannerOptions.standard();
        return new Object[][] {
            {standard, Map.of()},
            {standard.withObjective(Objective.MEMORY), Map.of("objective", "memory")},
            {standard.withMemoryLimit(1L << 40), Map.of("memoryLimit", "1099511627776")},
            {standard.withAutotuning(true), Map.of("autotune", "true")},
            {standard.withKeptBytes(0), Map.of("keptBytes", "0")},
            {
                standard.withKeptBytes(7).withMemoryLimit(5).withObjective(Objective.MACS),
                Map.of("keptBytes", "7", "memoryLimit", "5", "objective", "macs")
            },
        };
    }

    @Test(dataProvider = "options")
    public void writtenAndReadBack(PlannerOptions options, Map<String, String> expected) {
        Assert.assertEquals(options.toMap(), expected);
        Assert.assertEquals(PlannerOptions.fromMap(options.toMap()), options);
        Assert.assertEquals(PlannerOptions.fromMap(options.toMap()).hashCode(), options.hashCode());
        PlannerOptions measured = options.withCostModel(COSTS);
        Assert.assertNotEquals(measured, options);
        Assert.assertEquals(PlannerOptions.fromMap(measured.toMap()), measured);
        Assert.assertEquals(PlannerOptions.fromMap(measured.toMap()).costModel(), COSTS);
        Assert.assertTrue(measured.toString().contains("costModel=its own"), "" + measured);
        measured.toMap().keySet().forEach(key -> Assert.assertTrue(PlannerOptions.isOption(key)));
    }

    @Test
    public void numbersAsJsonHasThem() {
        Map<String, Object> values = new HashMap<>();
        values.put("memoryLimit", 1.0e9);
        values.put("keptBytes", 12);
        values.put("autotune", true);
        values.put("objective", "TIME");
        Assert.assertEquals(
                PlannerOptions.fromMap(values),
                PlannerOptions.standard()
                        .withMemoryLimit(1_000_000_000)
                        .withKeptBytes(12)
                        .withAutotuning(true));
    }

    @DataProvider
    public Object[][] wrong() {
        return new Object[][] {
            {"objective", "speed", List.of("[time, macs, memory]", "speed")},
            {"objective", null, List.of("null")},
            {"memoryLimit", "0", List.of("above 0")},
            {"memoryLimit", "-5", List.of("above 0", "-5")},
            {"memoryLimit", "many", List.of("memoryLimit", "many")},
            {"memoryLimit", "1.5", List.of("whole number")},
            {"memoryLimit", "1e400000000", List.of("whole number")},
            {"memoryLimit", "1e-400000000", List.of("whole number")},
            {"memoryLimit", "NaN", List.of("whole number")},
            {"keptBytes", "-1", List.of("at least 0", "-1")},
            {"keptBytes", "9223372036854775808", List.of("whole number")},
            {"autotune", "yes", List.of("true or false", "yes")},
            {"memorylimit", "5", List.of("Unknown", "memorylimit", "memoryLimit")},
            {"costModel", "fast", List.of("Unknown", "costModel.*")},
            {"costModel.forward", "fast", List.of("fast")},
        };
    }

    @Test(dataProvider = "wrong", timeOut = 10_000)
    public void whatIsWrongIsRefused(String key, Object value, List<String> words) {
        Map<String, Object> values = new HashMap<>();
        if ("costModel.forward".equals(key)) {
            values.putAll(PlannerOptions.standard().withCostModel(COSTS).toMap());
            values.replaceAll((name, text) -> name.endsWith(".forward") ? value : text);
        } else {
            values.put(key, value);
        }
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> PlannerOptions.fromMap(values));
        words.forEach(word -> Assert.assertTrue(e.getMessage().contains(word), e.getMessage()));
    }
}
