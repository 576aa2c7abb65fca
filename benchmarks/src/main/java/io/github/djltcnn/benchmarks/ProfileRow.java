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
package io.github.djltcnn.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What {@link LayerProfile} measured of one cell, in milliseconds, and what follows from it.
 *
 * @param key the threads and the cell
 * @param millis the times by name
 */
record ProfileRow(String key, Map<String, Double> millis) {

    private static final double CLOSE = 1.10;

    /** A product has two gradients, each of as many multiply-adds. */
    private static final int FORWARD_AND_BACKWARD = 3;

    private static final double PER_MILLI = 1e-6;

    /** Why a step takes more than 1.10 of the dense convolution's; the first that holds. */
    enum Reason {
        /** The fewest multiply-adds of any order are more than 1.10 of the convolution's. */
        MULTIPLY_ADDS("multiply-adds of any order"),
        /** So are the times of the convolution with its kernel's products, and of other orders. */
        PRODUCTS("products of the kernel"),
        /** So are the times of the convolution with the whole contraction, and of other orders. */
        KERNEL("contraction of the kernel"),
        /** An order was measured that is within 1.10. */
        CHOICE("choice");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    int threads() {
        return Integer.parseInt(key.substring(0, key.indexOf(',')));
    }

    /** The key of the cell. */
    String cell() {
        return key.substring(key.indexOf(',') + 1);
    }

    private Cell layer() {
        return Cell.parse(cell());
    }

    /** The dense convolution in its better layout. */
    double dense() {
        return least(name -> name.startsWith("dense"));
    }

    /** The order that the engine chooses, in its better layout. */
    double chosen() {
        return least(name -> name.startsWith("chosen"));
    }

    /** The kernel and the gradients of its cores alone, or NaN if it is large. */
    double kernel() {
        return millis.getOrDefault("kernel", Double.NaN);
    }

    /** Its calls alone. */
    double calls() {
        return millis.getOrDefault("calls", Double.NaN);
    }

    /** Its matrix products alone. */
    double products() {
        return millis.getOrDefault("products", Double.NaN);
    }

    /** The kernel and the dense convolution in one step. */
    double sum() {
        return least(name -> name.startsWith(LayerProfile.SUM));
    }

    /** The products of the kernel and the dense convolution in one step. */
    double bareSum() {
        return least(name -> name.startsWith(LayerProfile.BARE_SUM));
    }

    /** The fastest order measured that does not contract all cores to the kernel. */
    double other() {
        return least(ProfileRow::isOther);
    }

    private static boolean isOther(String name) {
        return !name.startsWith("dense")
                && !name.startsWith(LayerProfile.SUM)
                && !name.startsWith(LayerProfile.BARE_SUM)
                && !name.contains(LayerProfile.KERNEL_FIRST)
                && !List.of("kernel", "calls", "products").contains(name);
    }

    private double least(Predicate<String> which) {
        return millis.entrySet().stream()
                .filter(entry -> which.test(entry.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .min()
                .orElse(Double.NaN);
    }

    /** Whether the chosen order, in its better layout, contracts the kernel first. */
    boolean isKernelFirst() {
        return least(name -> name.startsWith("chosen" + LayerProfile.KERNEL_FIRST)) == chosen();
    }

    /** Whether the chosen order takes more than 1.10 of the dense convolution. */
    boolean isMissed() {
        return chosen() > CLOSE * dense();
    }

    /** The best of the orders measured besides, of which one is the convolution with the kernel. */
    double best() {
        return least(name -> isOther(name) || name.startsWith(LayerProfile.SUM));
    }

    /** The multiply-adds of the kernel to those of the convolution, in either direction. */
    double kernelShare() {
        return new PairwiseOrders(layer().network()).kernelMacs() / layer().denseMacs();
    }

    /** The fewest multiply-adds of all orders to those of the convolution. */
    double fewestShare() {
        return new PairwiseOrders(layer().network()).macs(layer().positions())
                / layer().denseMacs();
    }

    /** Why the chosen order takes more than 1.10 of the dense convolution, if it does. */
    Reason reason() {
        double limit = CLOSE * dense();
        if (fewestShare() > CLOSE) {
            return Reason.MULTIPLY_ADDS;
        }
        if (best() <= limit) {
            return Reason.CHOICE;
        }
        return bareSum() > limit ? Reason.PRODUCTS : Reason.KERNEL;
    }

    /** An empty table of such rows. */
    static Csv table() {
        return new Csv(
                "channels",
                "size",
                "batch",
                "format",
                "rank",
                "dense_ms",
                "chosen_ms",
                "chosen_to_dense",
                "kernel_ms",
                "dense_with_kernel_to_dense",
                "calls_ms",
                "products_ms",
                "dense_with_products_to_dense",
                "kernel_macs_percent_of_dense",
                "fewest_macs_to_dense",
                "best_other_order_to_dense",
                "chosen_to_best_measured",
                "dense_gmacs_per_s",
                "products_gmacs_per_s",
                "above_1.10_because_of");
    }

    /** Adds the row to a table. */
    void add(Csv table) {
        Cell layer = layer();
        double steps = FORWARD_AND_BACKWARD * layer.denseMacs() * PER_MILLI;
        table.add(
                layer.channels(),
                layer.size(),
                layer.batch(),
                layer.format(),
                layer.rank(),
                dense(),
                chosen(),
                chosen() / dense(),
                kernel(),
                sum() / dense(),
                calls(),
                products(),
                bareSum() / dense(),
                100 * kernelShare(),
                fewestShare(),
                other() / dense(),
                chosen() / best(),
                steps / dense(),
                steps * kernelShare() / products(),
                isMissed() ? reason() : "");
    }
}
