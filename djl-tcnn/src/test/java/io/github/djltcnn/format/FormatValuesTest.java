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
import io.github.djltcnn.format.internal.UsefulRanks;
import io.github.djltcnn.network.NetworkPattern;
import io.github.djltcnn.network.TensorNetwork;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Formats are values; a format of one's own takes one method. */
public class FormatValuesTest {

    private static final KernelSpec SPEC = KernelSpec.of(8, 12, new Shape(3, 3));

    private static final List<Supplier<TensorFormat>> DIFFERENT =
            List.of(
                    () -> TensorFormats.cp(Rank.of(3)),
                    () -> TensorFormats.cp(Rank.of(4)),
                    () -> TensorFormats.cpJoint(Rank.of(3)),
                    () -> TensorFormats.tucker2(Rank.of(3)),
                    () -> TensorFormats.tucker2(Rank.ratio(0.3)),
                    () -> TensorFormats.tucker2(Rank.error(0.3)),
                    () -> TensorFormats.tucker2(Rank.energy(0.3)),
                    () -> TensorFormats.tucker2(Rank.upTo(3)),
                    () -> TensorFormats.tucker2(Rank.max()),
                    () -> TensorFormats.tucker2(Rank.evbmf()),
                    () -> TensorFormats.hyperTucker2(Rank.of(3)),
                    () -> TensorFormats.blockTerm(2, Rank.of(3)),
                    () -> TensorFormats.blockTerm(3, Rank.of(3)),
                    () -> TensorFormats.tensorTrain(Rank.of(3)),
                    () -> TensorFormats.tensorTrainMatrix(Rank.of(3)),
                    () -> TensorFormats.tensorRing(Rank.of(3)),
                    () -> TensorFormats.tensorRing(Rank.of(3)).withPieces(ChannelPieces.whole()),
                    () ->
                            TensorFormats.tensorRing(Rank.of(3))
                                    .withPieces(ChannelPieces.whole(), ChannelPieces.even(2)),
                    () -> TensorFormats.dense(),
                    () -> TensorFormats.graph("i r=3, r h w, r o"),
                    () -> TensorFormats.graph("i r=4, r h w, r o"),
                    () -> TensorFormats.graph("i r, r h w, r o", Rank.of(3)),
                    () -> TensorFormats.graph("i r, r h w, r o", Rank.of(4)),
                    () -> TensorFormats.of(TensorNetwork.parse("i=8 r=3, r h=3 w=3, r o=12")));

    @Test
    public void equalByValueAndPrinted() {
        Set<TensorFormat> distinct = new HashSet<>();
        Set<String> texts = new HashSet<>();
        for (Supplier<TensorFormat> format : DIFFERENT) {
            TensorFormat one = format.get();
            Assert.assertEquals(one, format.get());
            Assert.assertEquals(one.hashCode(), format.get().hashCode());
            Assert.assertTrue(distinct.add(one), one + " equals another format");
            texts.add(one.toString());
            Assert.assertFalse(one.toString().contains("@"), one.toString());
        }
        // Only the pieces of a ring are not in its text.
        Assert.assertEquals(texts.size(), DIFFERENT.size() - 2);
    }

    @DataProvider
    public Object[][] notations() {
        return new Object[][] {
            {"i=8 r1=2, r1 r2=3 h=3 w=3, r2 o=12"},
            {"g=2 i1=2 i2=2 r=5, g r h=3 w=1 o=6, r o2=2"},
            {"o=3 i=4"},
            {"d=2 h=3 w=4 r=2, i=2 r, o=2 r g=3, rlone=4 r"},
        };
    }

    @Test(dataProvider = "notations")
    public void aNetworkIsItsOwnPatternAndFormat(String notation) {
        TensorNetwork network = TensorNetwork.parse(notation);
        Assert.assertEquals(network.pattern(), NetworkPattern.parse(notation));
        Assert.assertEquals(network.pattern().toNetwork(), network);
        Assert.assertEquals(network.pattern().toString(), notation);
        KernelSpec spec =
                new KernelSpec(
                        network.inputChannels(),
                        network.outputChannels(),
                        network.kernelShape(network.minDimensions()),
                        network.groups());
        TensorFormat format = TensorFormats.of(network);
        Assert.assertEquals(format.network(spec), network);
        Assert.assertEquals(format, TensorFormats.graph(notation));
        KernelSpec other =
                new KernelSpec(
                        2 * network.inputChannels(),
                        network.outputChannels(),
                        spec.kernel(),
                        network.groups());
        Assert.expectThrows(IllegalArgumentException.class, () -> format.network(other));
    }

    @Test
    public void aPatternOfItsCores() {
        NetworkPattern pattern = NetworkPattern.of(List.of(List.of("i", "r"), List.of("r", "o")));
        Assert.assertEquals(pattern, NetworkPattern.parse("i r, r o"));
        for (List<List<String>> bad :
                List.of(
                        List.<List<String>>of(),
                        List.of(List.<String>of()),
                        List.of(List.of("i", "i")),
                        List.of(List.of("x")),
                        List.of(List.of("i o")))) {
            Assert.expectThrows(IllegalArgumentException.class, () -> NetworkPattern.of(bad));
        }
    }

    @Test
    public void aRingWithoutOneBondIsATrain() {
        NetworkPattern ring = NetworkPattern.parse("r0=2 i r1, r1 h w r2=3, r2 o r0");
        Assert.assertEquals(ring.without("r0"), NetworkPattern.parse("i r1, r1 h w r2=3, r2 o"));
        Assert.expectThrows(IllegalArgumentException.class, () -> ring.without("r7"));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> NetworkPattern.parse("i r, r, r o").without("r"));
        Assert.assertEquals(
                TensorFormats.of(ring.without("r0"), Rank.of(4)),
                TensorFormats.graph("i r1, r1 h w r2=3, r2 o", Rank.of(4)));
    }

    /** A named class with the one method. */
    private static final class Halves implements TensorFormat {
        @Override
        public TensorNetwork network(KernelSpec spec) {
            return TensorFormats.tucker2(
                            Rank.of(
                                    (int) spec.inputChannels() / 2,
                                    (int) spec.outputChannels() / 2))
                    .network(spec);
        }
    }

    @Test
    public void aFormatOfOnesOwnTakesOneMethod() {
        TensorFormat lambda = spec -> new Halves().network(spec);
        Assert.assertEquals(lambda.name(), "custom");
        Assert.assertEquals(new Halves().name(), "Halves");
        for (TensorFormat format : List.of(lambda, new Halves())) {
            TensorNetwork network = format.network(SPEC);
            Assert.assertEquals(format.pattern(SPEC).toNetwork(), network);
            Assert.assertTrue(UsefulRanks.bonds(format.pattern(SPEC)).isEmpty());
            Assert.assertFalse(format.rank().needsWeights());
            UnsupportedOperationException e =
                    Assert.expectThrows(
                            UnsupportedOperationException.class, () -> format.withRank(Rank.of(3)));
            Assert.assertTrue(e.getMessage().contains(format.name()), e.getMessage());
            Assert.assertTrue(e.getMessage().contains("TensorFormats.custom"), e.getMessage());
        }
    }

    @Test
    public void aCustomFormatHasItsRanksDecided() {
        TensorFormat format =
                TensorFormats.custom(
                        "mine",
                        spec ->
                                NetworkPattern.parse(
                                        spec.kernel().dimension() == 2
                                                ? "i r1, r1 h w r2, r2 o"
                                                : "i r1, r1 o"),
                        Rank.of(3));
        Assert.assertEquals(
                format.network(SPEC), TensorNetwork.parse("i=8 r1=3, r1 h=3 w=3 r2=3, r2 o=12"));
        Assert.assertEquals(
                format.withRank(Rank.of(2, 5)).network(SPEC),
                TensorNetwork.parse("i=8 r1=2, r1 h=3 w=3 r2=5, r2 o=12"));
        Assert.assertEquals(
                format.network(KernelSpec.linear(8, 12)), TensorNetwork.parse("i=8 r1=3, r1 o=12"));
        Assert.assertEquals(format.toString(), "mine(3)");
        Assert.assertEquals(format.withRank(Rank.of(3)), format);
        long budget = SPEC.denseParameterCount() / 4;
        Assert.assertTrue(
                format.withRank(Rank.ratio(0.25)).network(SPEC).parameterCount() <= budget);
    }
}
