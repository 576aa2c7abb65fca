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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Names, arguments and bounds of the zoo's models; names and arguments come from strangers. */
public class ResNetSpecTest {

    @Test
    public void everyListedNameReadsBack() {
        List<String> names = TcnnZoo.list("*");
        Assert.assertEquals(names.size(), 7 * 8);
        for (String name : names) {
            Assert.assertEquals(ResNetSpec.parse(name).name(), name);
        }
    }

    @Test
    public void patternsMatchWholeNames() {
        Assert.assertEquals(TcnnZoo.list("tr_*").size(), 8);
        Assert.assertEquals(TcnnZoo.list("*20*").size(), 7);
        Assert.assertEquals(TcnnZoo.list("resnet*").size(), 8);
        Assert.assertEquals(TcnnZoo.list("*_r10").size(), 48);
        Assert.assertEquals(TcnnZoo.list("tt_resnet32_r10"), List.of("tt_resnet32_r10"));
        Assert.assertEquals(TcnnZoo.list("tr_.*"), List.of());
        Assert.assertEquals(TcnnZoo.list(""), List.of());
    }

    @Test
    public void aNameHasDefaults() {
        ResNetSpec spec = ResNetSpec.parse("tr_resnet32");
        Assert.assertEquals(
                spec, new ResNetSpec(ResNetFamily.TR, 32, 10, 10, new Shape(3, 32, 32), 0));
        Assert.assertEquals(ResNetSpec.parse("resnet50").outSize(), 1000);
        Assert.assertEquals(ResNetSpec.parse("cp_resnet20_r7").rank(), 7);
    }

    @DataProvider
    public Object[][] unknownNames() {
        return new Object[][] {
            {"tr_resnet21", "tr_resnet20_r10"},
            {"tr-resnet20", "tr_resnet20_r10"},
            {"TR_resnet20_r10", "tr_resnet20_r10"},
            {"tt_resent32_r10", "tt_resnet32_r10"},
            {"xx_resnet20_r10", "tt_resnet20_r10"},
            {"resnet19", "resnet18"},
            {"", "resnet18"},
            {"tr_resnet20_r99999999999", "tr_resnet20_r10"},
            {"../../etc/passwd", "resnet"},
            {"r".repeat(100_000), "resnet"},
        };
    }

    @Test(dataProvider = "unknownNames")
    public void anUnknownNameListsTheNearest(String name, String nearest) {
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> ResNetSpec.parse(name));
        Assert.assertTrue(e.getMessage().startsWith("No model \""), e.getMessage());
        Assert.assertTrue(e.getMessage().contains(nearest), e.getMessage());
        Assert.assertTrue(e.getMessage().length() < 400, "too long: " + e.getMessage());
    }

    @DataProvider
    public Object[][] badArguments() {
        return new Object[][] {
            {"rank", "0", "rank is from 1 to 512, got 0"},
            {"rank", "-3", "rank is from 1 to 512, got -3"},
            {"rank", "513", "rank is from 1 to 512, got 513"},
            {"rank", "ten", "The argument rank is a whole number, got \"ten\""},
            {"rank", 2.5, "The argument rank is a whole number, got \"2.5\""},
            {"rank", "NaN", "The argument rank is a whole number, got \"NaN\""},
            {"rank", "1e300", "The argument rank is a whole number, got \"1e300\""},
            {"classes", "0", "outSize is from 1 to 100000, got 0"},
            {"classes", "2000000000", "outSize is from 1 to 100000, got 2000000000"},
            {"channels", "0", "a size of image (0, 32, 32) is from 1 to 4096, got 0"},
            {"height", "99999", "a size of image (3, 99999, 32) is from 1 to 4096, got 99999"},
            {"width", "-1", "a size of image (3, 32, -1) is from 1 to 4096, got -1"},
            {"seed", "x", "The argument seed is a whole number, got \"x\""},
        };
    }

    @Test(dataProvider = "badArguments")
    public void argumentsOutOfBoundsAreRefused(String key, Object value, String message) {
        Map<String, Object> arguments = new HashMap<>(Map.of("model", "tr_resnet20"));
        arguments.put(key, value);
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> ResNetSpec.of(arguments));
        Assert.assertEquals(e.getMessage(), message);
    }

    @Test
    public void aNetworkThatWouldExhaustMemoryIsRefused() {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> ResNetSpec.parse("tr_resnet110_r512"));
        Assert.assertTrue(e.getMessage().contains("use a smaller rank"), e.getMessage());
    }

    @Test
    public void nameAndArgumentMustAgreeOnTheRank() {
        Map<String, Object> arguments = Map.of("model", "tr_resnet20_r4", "rank", "8");
        Assert.assertThrows(IllegalArgumentException.class, () -> ResNetSpec.of(arguments));
        Assert.assertThrows(IllegalArgumentException.class, () -> ResNetSpec.of(Map.of()));
        Assert.assertThrows(IllegalArgumentException.class, () -> ResNetSpec.parse("resnet20_r4"));
    }

    @Test
    public void argumentsReadBack() {
        ResNetSpec spec =
                new ResNetSpec(
                        ResNetFamily.TT, 44, 6, 17, new Shape(1, 28, 30), Long.MIN_VALUE + 1);
        Assert.assertEquals(ResNetSpec.of(spec.toArguments()), spec);
        // as JSON and as texts
        Map<String, Object> loose = new HashMap<>(spec.toArguments());
        loose.put("classes", 17.0);
        loose.put("height", "28");
        loose.put("seed", "9007199254740993");
        Assert.assertEquals(ResNetSpec.of(loose), spec.withSeed(9007199254740993L));
    }

    @Test
    public void distancesAreThoseOfLevenshtein() {
        Assert.assertEquals(ZooNames.distance("kitten", "sitting"), 3);
        Assert.assertEquals(ZooNames.distance("", "abc"), 3);
        Assert.assertEquals(ZooNames.distance("abc", "abc"), 0);
    }
}
