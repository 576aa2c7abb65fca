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
package io.github.djltcnn.format;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What every format promises, on a grid of kernels. */
public class TensorFormatTest {

    private static final List<Function<Rank, TensorFormat>> FORMATS =
            List.of(
                    TensorFormats::cp,
                    TensorFormats::cpJoint,
                    TensorFormats::tucker2,
                    TensorFormats::hyperTucker2,
                    TensorFormats::tensorTrain,
                    TensorFormats::tensorTrainMatrix,
                    TensorFormats::tensorRing,
                    rank -> TensorFormats.blockTerm(2, rank));

    private static final List<KernelSpec> SPECS =
            List.of(
                    KernelSpec.of(16, 32, new Shape(3, 3)),
                    KernelSpec.of(64, 64, new Shape(1, 1)),
                    KernelSpec.of(7, 13, new Shape(5)),
                    KernelSpec.of(12, 8, new Shape(3, 1, 2)),
                    KernelSpec.linear(64, 10),
                    new KernelSpec(24, 12, new Shape(3, 3), 4),
                    new KernelSpec(64, 64, new Shape(3, 3), 2));

    @DataProvider
    public Object[][] grid() {
        List<Object[]> cases = new ArrayList<>();
        for (Function<Rank, TensorFormat> format : FORMATS) {
            SPECS.forEach(spec -> cases.add(new Object[] {format, spec}));
        }
        return cases.toArray(new Object[0][]);
    }

    @Test(dataProvider = "grid")
    public void writesANetworkOfTheKernel(Function<Rank, TensorFormat> rule, KernelSpec spec) {
        TensorFormat format = rule.apply(Rank.of(3));
        TensorNetwork network = format.network(spec);
        Assert.assertTrue(spec.fits(network), format + " for " + spec + ": " + network);
        Assert.assertEquals(network.denseParameterCount(), spec.denseParameterCount());
        Assert.assertEquals(network, format.network(spec), "the same every time");
        for (Core core : network.cores()) {
            boolean grouped = core.modes().stream().anyMatch(m -> m.role() == Role.GROUP);
            boolean kernelOnly = core.modes().stream().noneMatch(m -> m.role() == Role.RANK);
            Assert.assertEquals(grouped, spec.groups() > 1, "every core its group: " + network);
            Assert.assertFalse(kernelOnly, "every core has a rank: " + network);
        }
    }

    @Test(dataProvider = "grid")
    public void ratioIsTheLargestThatFits(Function<Rank, TensorFormat> rule, KernelSpec spec) {
        for (double ratio : new double[] {0.4, 0.75, 1}) {
            long budget = (long) Math.floor(ratio * (double) spec.denseParameterCount());
            TensorFormat format = rule.apply(Rank.ratio(ratio));
            long least = rule.apply(Rank.of(1)).network(spec).parameterCount();
            if (least > budget) {
                IllegalArgumentException e =
                        Assert.expectThrows(
                                IllegalArgumentException.class, () -> format.network(spec));
                Assert.assertTrue(e.getMessage().contains("at rank 1 already"), e.getMessage());
                continue;
            }
            TensorNetwork network = format.network(spec);
            String told = format + " for " + spec + ": " + network;
            Assert.assertTrue(network.parameterCount() <= budget, told);
            for (int n = 0; n < ranks(network).length; n++) {
                int[] larger = ranks(network);
                larger[n]++;
                TensorNetwork next = rule.apply(Rank.of(larger)).network(spec);
                Assert.assertTrue(
                        next.parameterCount() > budget || useless(next, n),
                        told + " could raise rank " + n);
            }
        }
    }

    /** The ranks that a format asks for: all but the number of blocks. */
    private static int[] ranks(TensorNetwork network) {
        return network.modes(Role.RANK).stream()
                .filter(mode -> !"rb".equals(mode.name()))
                .mapToInt(mode -> (int) mode.size())
                .toArray();
    }

    /** Whether a rank is past what its cores can use, counted without the modes they share. */
    private static boolean useless(TensorNetwork network, int n) {
        Mode mode =
                network.modes(Role.RANK).stream()
                        .filter(m -> !"rb".equals(m.name()))
                        .toList()
                        .get(n);
        List<Core> cores = network.cores().stream().filter(c -> c.contains(mode)).toList();
        long product = 1;
        long largest = 1;
        for (Core core : cores) {
            long size = 1;
            for (Mode other : core.modes()) {
                boolean shared = cores.stream().allMatch(c -> c.contains(other));
                size *= shared ? 1 : other.size();
            }
            product *= size;
            largest = Math.max(largest, size);
        }
        return mode.size() > product / largest;
    }

    @DataProvider
    public Object[][] patterns() {
        Rank two = Rank.of(2);
        KernelSpec plain = KernelSpec.of(16, 32, new Shape(3, 3));
        return new Object[][] {
            {TensorFormats.cp(two), plain, "i=16 r=2, h=3 r, w=3 r, o=32 r"},
            {TensorFormats.cpJoint(two), plain, "i=16 r=2, h=3 w=3 r, o=32 r"},
            {TensorFormats.tucker2(Rank.of(4, 6)), plain, "i=16 r1=4, r1 r2=6 h=3 w=3, r2 o=32"},
            {TensorFormats.hyperTucker2(two), plain, "i=16 r=2, r h=3 w=3, r o=32"},
            {
                TensorFormats.tensorTrain(two),
                plain,
                "i1=4 r1=2, r1 i2=4 r2=2, r2 h=3 w=3 r3=2, r3 o1=8 r4=2, r4 o2=4"
            },
            {
                TensorFormats.tensorRing(Rank.of(2, 3, 4, 5, 6)),
                plain,
                "r0=2 i1=4 r1=3, r1 i2=4 r2=4, r2 h=3 w=3 r3=5, r3 o1=8 r4=6, r4 o2=4 r0"
            },
            {
                TensorFormats.tensorTrainMatrix(two)
                        .withPieces(ChannelPieces.even(3), ChannelPieces.even(2)),
                plain,
                "h=3 w=3 r0=2, r0 i1=4 o1=8 r1=2, r1 i2=2 o2=4 r2=2, r2 i3=2 o3=1"
            },
            {
                TensorFormats.blockTerm(3, two),
                plain,
                "rb=3 i=16 r1=2, rb r1 r2=2 h=3 w=3, rb r2 o=32"
            },
            {TensorFormats.dense(), plain, "o=32 i=16 h=3 w=3"},
            {TensorFormats.dense(), new KernelSpec(16, 32, new Shape(3), 4), "g=4 o=8 i=4 w=3"},
            {
                TensorFormats.tensorRing(two),
                KernelSpec.linear(7, 6),
                "r0=2 i1=7 r1=2, r1 o1=3 r2=2, r2 o2=2 r0"
            },
            {TensorFormats.graph("i r=8, r h w, r o"), plain, "i=16 r=8, r h=3 w=3, r o=32"},
            {
                TensorFormats.graph("i1 i2 r=8, i3=2 r h w, r o1=16 o2"),
                plain,
                "i1=4 i2=2 r=8, i3=2 r h=3 w=3, r o1=16 o2=2"
            },
            {
                TensorFormats.graph("i1 i2 r, r h w, r o", two),
                KernelSpec.of(7, 2, new Shape(3, 3)),
                "i1=7 i2=1 r=2, r h=3 w=3, r o=2"
            },
            {
                TensorFormats.graph("g i r=2, g r w o"),
                new KernelSpec(12, 6, new Shape(3), 3),
                "g=3 i=4 r=2, g r w=3 o=2"
            },
        };
    }

    @Test(dataProvider = "patterns")
    public void writesItsPattern(TensorFormat format, KernelSpec spec, String notation) {
        Assert.assertEquals(format.network(spec), TensorNetwork.parse(notation), format.toString());
    }

    @DataProvider
    public Object[][] refused() {
        KernelSpec plain = KernelSpec.of(16, 32, new Shape(3, 3));
        return new Object[][] {
            {
                TensorFormats.tensorRing(Rank.of(6, 6, 6, 6)),
                plain,
                "TR needs 5 ranks, one per edge (r0 r1 r2 r3 r4)",
                "got 4: (6, 6, 6, 6)"
            },
            {TensorFormats.cp(Rank.of(2, 3)), plain, "CP needs 1 rank", "got 2"},
            {TensorFormats.graph("i r=8, r h w, r o=31"), plain, "32 output channels", "31"},
            {TensorFormats.graph("i1=5 i2 r=8, r h w, r o"), plain, "16 input channels", "5"},
            {TensorFormats.graph("i r=8, r h w=5, r o"), plain, "size 5", "(3, 3)"},
            {TensorFormats.graph("i r=8, r h, r o"), plain, "no mode for kernel axis w", "3"},
            {TensorFormats.graph("i r=8, r d h w, r o"), plain, "does not have", "d"},
            {
                TensorFormats.graph("i r=8, r h w, r o"),
                new KernelSpec(16, 32, new Shape(3, 3), 2),
                "2 groups",
                "1"
            },
            {TensorFormats.graph("g=2 i r=8, r h w, r o"), plain, "1 groups", "2"},
            {TensorFormats.tucker2(Rank.ratio(0.001)), plain, "at rank 1 already", "ratio 0.001"},
        };
    }

    @Test(dataProvider = "refused")
    public void refusesWithBothNumbers(
            TensorFormat format, KernelSpec spec, String first, String second) {
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> format.network(spec));
        Assert.assertTrue(e.getMessage().contains(first), e.getMessage());
        Assert.assertTrue(e.getMessage().contains(second), e.getMessage());
    }

    @Test
    public void refusesSenselessArguments() {
        Assert.expectThrows(IllegalArgumentException.class, Rank::of);
        Assert.expectThrows(IllegalArgumentException.class, () -> Rank.of(0));
        Assert.expectThrows(IllegalArgumentException.class, () -> Rank.of(3, -1));
        for (double ratio : new double[] {0, -1, 1.01, Double.NaN}) {
            Assert.expectThrows(IllegalArgumentException.class, () -> Rank.ratio(ratio));
        }
        Assert.expectThrows(
                IllegalArgumentException.class, () -> TensorFormats.blockTerm(0, Rank.of(1)));
        Assert.expectThrows(IllegalArgumentException.class, () -> TensorFormats.graph("i r, r o"));
        Assert.expectThrows(IllegalArgumentException.class, () -> ChannelPieces.even(0));
        Assert.expectThrows(IllegalArgumentException.class, () -> ChannelPieces.even(1).with());
        Assert.expectThrows(IllegalArgumentException.class, () -> ChannelPieces.even(1).with(4, 0));
        Assert.expectThrows(
                IllegalArgumentException.class, () -> new KernelSpec(6, 8, new Shape(3), 4));
        Assert.expectThrows(
                IllegalArgumentException.class, () -> KernelSpec.of(0, 8, new Shape(3)));
        Assert.expectThrows(
                IllegalArgumentException.class, () -> KernelSpec.of(4, 8, new Shape(3, 0)));
        Assert.expectThrows(
                IllegalArgumentException.class, () -> KernelSpec.of(4, 8, new Shape(1, 1, 1, 1)));
    }

    @DataProvider
    public Object[][] evenPieces() {
        return new Object[][] {
            {16, 3, List.of(4L, 2L, 2L)},
            {32, 3, List.of(4L, 4L, 2L)},
            {64, 3, List.of(4L, 4L, 4L)},
            {32, 2, List.of(8L, 4L)},
            {12, 2, List.of(4L, 3L)},
            {10, 3, List.of(5L, 2L)},
            {13, 3, List.of(13L)},
            {1, 3, List.of(1L)},
            {512, 3, List.of(8L, 8L, 8L)},
            {2048, 4, List.of(8L, 8L, 8L, 4L)},
            {1000, 3, List.of(10L, 10L, 10L)},
        };
    }

    @Test(dataProvider = "evenPieces")
    public void channelsSplitEvenly(long channels, int count, List<Long> pieces) {
        Assert.assertEquals(ChannelPieces.even(count).split(channels), pieces);
    }

    @Test
    public void givenPiecesWin() {
        ChannelPieces pieces = ChannelPieces.even(3).with(10).with(2, 2, 4);
        Assert.assertEquals(pieces.split(10), List.of(10L));
        Assert.assertEquals(pieces.split(16), List.of(2L, 2L, 4L));
        Assert.assertEquals(pieces.split(32), List.of(4L, 4L, 2L));
        Assert.assertEquals(ChannelPieces.whole().split(12), List.of(12L));
        Assert.assertEquals(pieces, ChannelPieces.even(3).with(10).with(2, 2, 4));
        Assert.assertNotEquals(pieces, ChannelPieces.even(3));
    }

    @Test
    public void namesTellFormatAndRank() {
        Assert.assertEquals(TensorFormats.tensorRing(Rank.of(10)).toString(), "TR(10)");
        Assert.assertEquals(TensorFormats.tucker2(Rank.of(4, 6)).toString(), "Tucker-2(4, 6)");
        Assert.assertEquals(
                TensorFormats.tensorTrain(Rank.ratio(0.25)).toString(), "TT(ratio 0.25)");
        Assert.assertEquals(TensorFormats.blockTerm(3, Rank.of(2)).toString(), "BTT(3 blocks, 2)");
        Assert.assertEquals(TensorFormats.graph("i r=2, r o").toString(), "graph(i r=2, r o)");
    }
}
