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

import io.github.djltcnn.contraction.internal.cost.Work;
import io.github.djltcnn.contraction.internal.execution.ActivationStep;
import io.github.djltcnn.network.Layout;
import java.util.List;
import java.util.Locale;

/** Prints plans. */
final class PlanTable {

    private static final double PERCENT = 100;
    private static final double KIBIBYTE = 1024;
    private static final double MILLI = 1e-3;

    private PlanTable() {}

    /** A row per step and one for the sum. */
    static String of(ContractionPlan plan) {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format(
                        Locale.ROOT,
                        "input %s %s -> output %s %s, %s%n",
                        plan.inputShape(),
                        words(plan.inputLayout()),
                        plan.outputShape(),
                        words(plan.outputLayout()),
                        plan.isForTraining() ? "training" : "prediction, weights kept"));
        table.append(row("step", "operation", "multiply-adds", "KiB moved", "share"));
        double total = plan.predictedSeconds();
        int number = 0;
        for (Work work : plan.works()) {
            number++;
            boolean kept = !plan.isForTraining() && number <= plan.program().steps().size();
            String share = kept ? "once" : percent(plan.seconds(work) / total);
            table.append(
                    row(
                            Integer.toString(number),
                            work.operation().toString(),
                            count(work.macs()),
                            count(work.bytes() / KIBIBYTE),
                            share));
        }
        table.append(total("sum", plan));
        table.append(
                String.format(
                        Locale.ROOT,
                        "      held at once %s KiB, kept between predictions %s KiB%n",
                        count(plan.peakBytes() / KIBIBYTE),
                        count(plan.keptBytes() / KIBIBYTE)));
        return table.toString();
    }

    /** What the kernel contracted first and the dense convolution alone would take. */
    static String comparison(ContractionPlan chosen, ContractionPlan kernelFirst) {
        List<ActivationStep> steps = kernelFirst.steps();
        Work dense = steps.get(steps.size() - 1).work();
        return total("kernel first", kernelFirst)
                + row(
                        "",
                        String.format(
                                Locale.ROOT,
                                "dense convolution alone: %.3f ms predicted, chosen %.2f of it",
                                chosen.seconds(dense) / MILLI,
                                chosen.predictedSeconds() / chosen.seconds(dense)),
                        count(dense.macs()),
                        count(dense.bytes() / KIBIBYTE),
                        "");
    }

    private static String total(String what, ContractionPlan plan) {
        double bytes = plan.works().stream().mapToDouble(Work::bytes).sum();
        return row(
                "",
                String.format(
                        Locale.ROOT,
                        "%s: %.3f ms predicted",
                        what,
                        plan.predictedSeconds() / MILLI),
                count((double) plan.macs()),
                count(bytes / KIBIBYTE),
                "");
    }

    private static String row(
            String step, String operation, String macs, String bytes, String share) {
        return String.format(
                Locale.ROOT, "%4s  %-52s %14s %12s %7s%n", step, operation, macs, bytes, share);
    }

    private static String count(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", PERCENT * share);
    }

    private static String words(Layout layout) {
        return layout == Layout.CHANNELS_FIRST ? "channels first" : "channels last";
    }
}
