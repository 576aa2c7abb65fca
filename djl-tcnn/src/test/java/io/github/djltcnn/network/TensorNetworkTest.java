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
package io.github.djltcnn.network;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Reading, printing and counting networks. */
public class TensorNetworkTest {

    private static final String RING =
            "r0=6 i1=4 r1=6, r1 i2=4 r2=6, r2 h=3 w=3 r3=6, r3 o1=8 r4=6, r4 o2=4 r0";

    @Test
    public void readsWhatIsWritten() {
        TensorNetwork ring = TensorNetwork.parse(RING);
        Assert.assertEquals(ring.cores().size(), 5);
        Assert.assertEquals(
                ring.cores().get(2).modes(),
                List.of(new Mode("r2", 6), new Mode("h", 3), new Mode("w", 3), new Mode("r3", 6)));
        Assert.assertEquals(ring.inputChannels(), 16);
        Assert.assertEquals(ring.outputChannels(), 32);
        Assert.assertEquals(ring.groups(), 1);
        Assert.assertEquals(ring.kernelShape(2), new Shape(3, 3));
        Assert.assertEquals(ring.kernelShape(3), new Shape(1, 3, 3));
        Assert.assertEquals(ring.denseShape(2), new Shape(32, 16, 3, 3));
        Assert.assertEquals(ring.minDimensions(), 2);
        Assert.assertEquals(ring.parameterCount(), 36 * (4 + 4 + 9 + 8 + 4));
        Assert.assertEquals(ring.denseParameterCount(), 32 * 16 * 9);
        Assert.assertEquals(ring.compressionRatio(), 4608 / 1044d, 1e-12);
        Assert.assertEquals(ring.mode("o1"), new Mode("o1", 8));
        Assert.assertEquals(ring.cores().get(0).shape(), new Shape(6, 4, 6));
    }

    @Test
    public void readsGroupsAsPartOfBothChannels() {
        TensorNetwork grouped = TensorNetwork.parse("g=4 i=3 r=2, g r h=3 o=5");
        Assert.assertEquals(grouped.inputChannels(), 12);
        Assert.assertEquals(grouped.outputChannels(), 20);
        Assert.assertEquals(grouped.denseShape(2), new Shape(20, 3, 3, 1));
        TensorNetwork depthwise = TensorNetwork.parse("g=6 h=3 w=3");
        Assert.assertEquals(depthwise.denseShape(2), new Shape(6, 1, 3, 3));
    }

    @DataProvider
    public Object[][] notations() {
        return new Object[][] {
            {RING},
            {"i=16 r=8, r h=3 w=3, r o=32"},
            {"o=6 i=6 d=1 h=2 w=3"},
            {"rt=3 i=2, rt o_a=4, rt h=3"},
            {"r1=4 r2=3 i0=3, r0=2 r3=3 i0, r1 o=1"},
            {"g=4 i=3 r=2, g r h=3 o=5"},
        };
    }

    @Test(dataProvider = "notations")
    public void printsWhatItReads(String notation) {
        TensorNetwork network = TensorNetwork.parse(notation);
        Assert.assertEquals(network.toString(), notation);
        TensorNetwork again = TensorNetwork.parse(network.toString());
        Assert.assertEquals(again, network);
        Assert.assertEquals(again.hashCode(), network.hashCode());
        Assert.assertEquals(TensorNetwork.parse("  " + notation.replace(",", " , ")), network);
    }

    @Test
    public void randomNetworksRoundTrip() {
        long seed = 20260501;
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            TensorNetwork network = RandomNetworks.next(random);
            Assert.assertEquals(
                    TensorNetwork.parse(network.toString()),
                    network,
                    "seed " + seed + ": " + round);
        }
    }

    @Test
    public void equalityIsByValueAndOrder() {
        TensorNetwork network = TensorNetwork.parse("i=4 r=2, r o=4");
        Assert.assertEquals(network, TensorNetwork.parse("i=4 r=2, r=2 o=4"));
        Assert.assertNotEquals(network, TensorNetwork.parse("i=4 r=3, r o=4"));
        Assert.assertNotEquals(network, TensorNetwork.parse("r=2 i=4, r o=4"));
        Assert.assertNotEquals(network, TensorNetwork.parse("r=2 o=4, i=4 r"));
    }

    @DataProvider
    public Object[][] malformed() {
        return new Object[][] {
            {"", "empty"},
            {"i=4 r=2,, r o=4", "empty"},
            {"i=4 r=2, r o=4,", "empty"},
            {"i=4 x=2", "\"x=2\"|x"},
            {"i=4 r=0", "r=0"},
            {"i=4 r=-1", "r=-1"},
            {"i=4 r=", "r="},
            {"i=4 r=2x", "r=2x"},
            {"i=4 r=99999999999999999999", "no valid size"},
            {"i=4 r=2 r, o=2", "twice"},
            {"i=4 r=2, r=3 o=4", "two sizes, 2 and 3"},
            {"i r=2, r o=4", "No size for i"},
            {"i=4 h1=3 h2=3, o=2", "Kernel axis h has 2 modes"},
            {"i=4 r=3037000500, r o=3037000500 h=9", "too large"},
            {"i=4 R=2, R o=4", "R"},
            {"i=4 r.1=2", "r.1"},
        };
    }

    @Test(dataProvider = "malformed")
    public void refusesWithTheReason(String notation, String reason) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> TensorNetwork.parse(notation));
        boolean told = false;
        for (String word : reason.split("\\|", -1)) {
            told |= e.getMessage().contains(word);
        }
        Assert.assertTrue(told, notation + ": " + e.getMessage());
    }

    @Test
    public void refusesAKernelAxisThatTheConvolutionLacks() {
        TensorNetwork network = TensorNetwork.parse("i=2 h=3, o=2");
        Assert.expectThrows(IllegalArgumentException.class, () -> network.kernelShape(1));
        Assert.expectThrows(IllegalArgumentException.class, () -> network.kernelShape(4));
        Assert.assertEquals(network.kernelShape(2), new Shape(3, 1));
    }

    @Test
    public void listsAreImmutable() {
        TensorNetwork network = TensorNetwork.parse("i=4 r=2, r o=4");
        Assert.expectThrows(UnsupportedOperationException.class, () -> network.cores().remove(0));
        Assert.expectThrows(UnsupportedOperationException.class, () -> network.modes().remove(0));
        List<Mode> modes = new ArrayList<>(List.of(new Mode("i", 2)));
        Core core = new Core(modes);
        modes.add(new Mode("o", 2));
        Assert.assertEquals(core.modes().size(), 1);
    }

    @Test
    public void countsMultiplyAdds() {
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(
                        new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), new Shape(1, 1));
        Shape input = new Shape(5, 16, 8, 8);
        TensorNetwork tucker = TensorNetwork.parse("i=16 r1=4, r1 r2=6 h=3 w=3, r2 o=32");
        long projected = 5 * 64 * 16 * 4;
        long slid = 5 * 16 * 4 * 6 * 9;
        long expanded = 5 * 16 * 6 * 32;
        Assert.assertEquals(tucker.macs(geometry, input), projected + slid + expanded);
        Assert.assertEquals(tucker.denseMacs(geometry, input), 5 * 16 * 32 * 16 * 9);
        // The ring's first rank stays open until the last core closes the ring.
        TensorNetwork ring = TensorNetwork.parse("r0=2 i=16 r1=3, r1 h=3 w=3 r2=5, r2 o=32 r0");
        long first = 5 * 64 * 16 * 2 * 3;
        long second = 5 * 16 * 2 * 3 * 5 * 9;
        long third = 5 * 16 * 2 * 5 * 32;
        Assert.assertEquals(ring.macs(geometry, input), first + second + third);
        TensorNetwork dense = TensorNetwork.parse("o=32 i=16 h=3 w=3");
        Assert.assertEquals(dense.macs(geometry, input), dense.denseMacs(geometry, input));
        // Separable CP: height first, so width still has its input size in that step.
        TensorNetwork cp = TensorNetwork.parse("i=16 r=4, h=3 r, w=3 r, o=32 r");
        Assert.assertEquals(
                cp.macs(geometry, input), 5L * 4 * (64 * 16 + 4 * 8 * 3 + 16 * 3 + 16 * 32));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> tucker.macs(geometry, new Shape(5, 15, 8, 8)));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> tucker.macs(ConvolutionGeometry.of(new Shape(5, 5)), input));
    }

    @Test
    public void modesOfARoleKeepTheirOrder() {
        TensorNetwork network = TensorNetwork.parse("o2=2 i1=3, i0=2 o1=4");
        Assert.assertEquals(
                network.modes(Role.OUTPUT), List.of(new Mode("o2", 2), new Mode("o1", 4)));
        Assert.assertEquals(
                network.modes(Role.INPUT), List.of(new Mode("i1", 3), new Mode("i0", 2)));
    }

    @Test
    public void everyRoleHasItsLetter() {
        for (Role role : Role.values()) {
            Assert.assertEquals(
                    Role.of(String.valueOf(role.letter()).toLowerCase(Locale.ROOT) + "1"), role);
        }
        Assert.expectThrows(IllegalArgumentException.class, () -> Role.of(""));
        Assert.expectThrows(IllegalArgumentException.class, () -> Role.of("q"));
    }
}
