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
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Notation, sizes and rules that are wrong on purpose. */
public class HostileFormatTest {

    private static final KernelSpec SPEC = KernelSpec.of(8, 8, new Shape(3, 3));

    @DataProvider
    Object[][] wrongNetworks() {
        return new Object[][] {
            {"i=8 r=2, r o=5 h=3 w=3"},
            {"i=4 r=2, r o=8 h=3 w=3"},
            {"g=2 i=4 r=2, r o=4 h=3 w=3"},
            {"i=8 r=2, r o=8 h=5 w=5"},
            {"i=8 o=8"},
        };
    }

    @Test(dataProvider = "wrongNetworks")
    void testNetworkOfAnotherKernelIsRefused(String notation) {
        TensorFormat format = spec -> TensorNetwork.parse(notation);
        String message =
                Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> TensorFormats.network(format, SPEC))
                        .getMessage();
        Assert.assertTrue(message.contains(notation), message);
        Assert.assertTrue(message.contains(SPEC.toString()), message);
    }

    @Test
    void testNoNetworkIsRefused() {
        TensorFormat none = spec -> null;
        String message =
                Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> TensorFormats.network(none, SPEC))
                        .getMessage();
        Assert.assertTrue(message.contains("null"), message);
        Decomposer decomposer = Decomposer.builder().build();
        Assert.assertThrows(
                IllegalArgumentException.class,
                () ->
                        decomposer.decompose(
                                new double[] {1, 2, 3, 4}, KernelSpec.linear(2, 2), none));
        TensorFormat custom = TensorFormats.custom("mine", spec -> null, Rank.of(2));
        message =
                Assert.expectThrows(IllegalArgumentException.class, () -> custom.network(SPEC))
                        .getMessage();
        Assert.assertTrue(message.contains("mine"), message);
    }

    @Test
    void testOverflowIsAnArgumentThatIsWrong() {
        Assert.assertThrows(IllegalArgumentException.class, () -> TensorFormats.graph(null));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> TensorNetwork.parse("i=1 r=9000000000000000000, o=1 r"));
        TensorFormat graph = TensorFormats.graph("i1=4000000000 i2=4000000000 i3=4000000000 o");
        Assert.assertThrows(
                IllegalArgumentException.class, () -> graph.network(KernelSpec.linear(8, 4)));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> ChannelPieces.whole().with(4000000000L, 4000000000L));
    }

    @Test
    void testThousandsOfOpenModes() {
        String inputs =
                IntStream.range(0, 5000).mapToObj(n -> "i" + n).collect(Collectors.joining(" "));
        TensorNetwork network = TensorFormats.graph(inputs + " o").network(KernelSpec.linear(8, 4));
        Assert.assertEquals(network.inputChannels(), 8);
        Assert.assertEquals(network.modes().size(), 5001);
    }

    @Test
    void testNumbersOfPieces() {
        Assert.assertEquals(ChannelPieces.even(100_000).split(12), List.of(3L, 2L, 2L));
        Assert.assertEquals(ChannelPieces.even(3).split(12), List.of(3L, 2L, 2L));
        Assert.assertEquals(ChannelPieces.even(2).split(12), List.of(4L, 3L));
        for (long wrong : new long[] {0, -8, 1L << 40}) {
            String message =
                    Assert.expectThrows(
                                    IllegalArgumentException.class,
                                    () -> ChannelPieces.even(2).split(wrong))
                            .getMessage();
            Assert.assertTrue(message.contains(Long.toString(wrong)), message);
        }
    }

    /** These wrapped round and gave outputs of a wrong size. */
    @Test
    void testGeometryPastAnAxisIsRefused() {
        Shape kernel = new Shape(3, 3);
        Shape one = new Shape(1, 1);
        Shape none = new Shape(0, 0);
        Shape huge = new Shape(Long.MAX_VALUE, 2);
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> new ConvolutionGeometry(kernel, one, huge, one));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> new ConvolutionGeometry(kernel, one, none, huge));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> new ConvolutionGeometry(kernel, huge, none, one));
        String message =
                Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> new ConvolutionGeometry(kernel, null, none, one))
                        .getMessage();
        Assert.assertTrue(message.contains("stride"), message);
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> ConvolutionGeometry.of(kernel).outputShape(huge));
        // The largest numbers that are allowed stay within a long.
        long most = Integer.MAX_VALUE;
        ConvolutionGeometry largest =
                new ConvolutionGeometry(
                        new Shape(most), new Shape(1), new Shape(most), new Shape(1));
        Assert.assertEquals(largest.outputShape(new Shape(most)), new Shape(2 * most + 1));
    }
}
