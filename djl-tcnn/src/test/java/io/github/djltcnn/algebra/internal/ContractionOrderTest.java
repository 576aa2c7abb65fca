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
package io.github.djltcnn.algebra.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The search for an order against all orders. */
public class ContractionOrderTest {

    private static final double[] SIZES = {2, 3, 4, 5, 6, 7, 8, 9};

    private static ContractionOrder.Cost macs() {
        return (left, right, kept) -> ContractionOrder.size(SIZES, left.labels() | right.labels());
    }

    private static long[] random(int count, Random random) {
        long[] inputs = new long[count];
        for (int n = 0; n < count; n++) {
            long one = 1L << random.nextInt(8);
            long other = 1L << random.nextInt(8);
            inputs[n] = one | other;
        }
        return inputs;
    }

    /** The least cost by trying every pair first. */
    private static double least(ContractionOrder order, List<ContractionTree> trees) {
        if (trees.size() == 1) {
            return trees.get(0).cost();
        }
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < trees.size(); a++) {
            for (int b = a + 1; b < trees.size(); b++) {
                List<ContractionTree> next = new ArrayList<>(trees);
                ContractionTree right = next.remove(b);
                ContractionTree left = next.remove(a);
                long tensors = left.tensors() | right.tensors();
                double cost = left.cost() + right.cost() + macs().of(left, right, 0);
                next.add(new ContractionTree(tensors, order.kept(tensors), left, right, cost));
                least = Math.min(least, least(order, next));
            }
        }
        return least;
    }

    @Test
    public void testExactSearchFindsTheCheapest() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            long[] inputs = random(2 + random.nextInt(4), random);
            long open = random.nextInt(256);
            ContractionOrder order = new ContractionOrder(inputs, open, SIZES, 10, macs());
            ContractionTree best = order.best();
            Assert.assertEquals(best.cost(), least(order, order.leaves()), 0.0, "seed " + seed);
            Assert.assertEquals(best.tensors(), (1L << inputs.length) - 1);
            Assert.assertEquals(best.labels(), order.kept(best.tensors()));
        }
    }

    /** With more tensors than are ordered exactly every one is still there once. */
    @Test
    public void testManyTensors() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            long[] inputs = random(12 + random.nextInt(30), random);
            ContractionOrder few = new ContractionOrder(inputs, 3, SIZES, 4, macs());
            ContractionOrder more = new ContractionOrder(inputs, 3, SIZES, 11, macs());
            for (ContractionTree tree : List.of(few.best(), more.best())) {
                Assert.assertEquals(tree.tensors(), (1L << inputs.length) - 1);
                Assert.assertEquals(cost(tree), tree.cost(), 1e-9 * tree.cost(), "seed " + seed);
            }
        }
    }

    /** The sum of the steps, from the tree alone; the factors of each share no tensor. */
    private static double cost(ContractionTree tree) {
        if (tree.isLeaf()) {
            Assert.assertEquals(tree.tensors(), 1L << tree.tensor());
            return 0;
        }
        Assert.assertEquals(tree.left().tensors() & tree.right().tensors(), 0);
        Assert.assertEquals(tree.left().tensors() | tree.right().tensors(), tree.tensors());
        return cost(tree.left())
                + cost(tree.right())
                + macs().of(tree.left(), tree.right(), tree.labels());
    }

    @Test
    public void testStepsThatAreNotAllowed() {
        long[] inputs = {0b011, 0b110, 0b101};
        ContractionOrder none =
                new ContractionOrder(
                        inputs, 0, SIZES, 10, (l, r, kept) -> Double.POSITIVE_INFINITY);
        Assert.assertEquals(none.best().cost(), Double.POSITIVE_INFINITY);
        // All but one first pair.
        ContractionOrder one =
                new ContractionOrder(
                        inputs,
                        0,
                        SIZES,
                        10,
                        (l, r, kept) ->
                                (l.tensors() | r.tensors()) == 0b011
                                        ? Double.POSITIVE_INFINITY
                                        : 1);
        Assert.assertEquals(one.best().cost(), 2.0);
    }

    @Test
    public void testLimits() {
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> new ContractionOrder(new long[64], 0, SIZES, 10, macs()));
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> new ContractionOrder(new long[3], 0, SIZES, 21, macs()));
    }
}
