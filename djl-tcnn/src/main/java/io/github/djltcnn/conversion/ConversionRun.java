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
package io.github.djltcnn.conversion;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.Layers;
import io.github.djltcnn.blocks.internal.Replacement;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.initializer.TensorialInitializer;
import io.github.djltcnn.statistics.ModelStatistics;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What a {@link Tensorizer} does: chooses for each layer, decomposes kernels or fits layers to
 * images, and puts the new layers in the places of the old ones.
 *
 * @param choices what becomes of the layers
 * @param initializer draws fresh cores
 * @param options what the new layers plan their evaluation by
 * @param images what layers are fitted on; null to decompose kernels
 */
record ConversionRun(
        LayerChoices choices,
        TensorialInitializer initializer,
        PlannerOptions options,
        SampledInputs images) {

    /** What the classes are drawn from that gradients are measured for. */
    private static final long SEED = 0;

    ConversionReport plan(Block root, Shape input) {
        return weighted(root, c -> report(root, c.of(root, input, false)));
    }

    List<ConversionReport> plan(Block root, Shape input, List<Rank> targets) {
        return weighted(
                root,
                c ->
                        c.of(root, input, targets, false).stream()
                                .map(chosen -> report(root, chosen))
                                .toList());
    }

    /** Measures what errors weigh first, if there are images to measure it on. */
    private <T> T weighted(Block root, Function<LayerChoices, T> task) {
        if (images == null || choices.statistics() != null) {
            return task.apply(choices);
        }
        try (NDManager manager = manager(root)) {
            return task.apply(choices.with(measured(root, images.read(manager))));
        }
    }

    private ModelStatistics measured(Block root, List<NDList> batches) {
        return choices.statistics() != null
                ? choices.statistics()
                : ModelStatistics.of(root, batches, SEED, choices.progress());
    }

    private static NDManager manager(Block root) {
        return BlockTree.parameters(root).values().stream()
                .filter(Parameter::isInitialized)
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "The model has no parameters yet: images say nothing"
                                                + " about it; initialize or load it, or convert it"
                                                + " without optImages"))
                .getArray()
                .getManager()
                .newSubManager();
    }

    /** Converts a model in place. */
    Conversion convert(Block root, Shape input) {
        if (images != null) {
            return convertOnImages(root, input);
        }
        List<LayerChoice> chosen = choices.of(root, input, true);
        ConversionReport report = report(root, chosen);
        TensorialInitializer drawing = initializer.restarted();
        Replacement replacement = new Replacement();
        try {
            for (LayerChoice choice : chosen) {
                if (choice.network() != null) {
                    replacement.put(choice.leaf(), replace(choice, drawing, replacement));
                }
            }
        } catch (RuntimeException e) {
            replacement.discard();
            throw e;
        }
        Block converted = replacement.commit(root);
        return new Conversion(
                report.converted() > 0 ? ConvertedRoot.of(converted) : converted, report);
    }

    /** Fits the layers one after another on images. */
    private Conversion convertOnImages(Block root, Shape input) {
        try (NDManager manager = manager(root)) {
            List<NDList> batches = images.read(manager);
            ModelStatistics measured = measured(root, batches);
            List<LayerChoice> chosen = choices.with(measured).of(root, input, false);
            long count = batches.stream().mapToLong(batch -> batch.head().getShape().get(0)).sum();
            SequentialFit fit =
                    new SequentialFit(
                            chosen,
                            measured,
                            choices.decomposer(),
                            options,
                            choices.progress(),
                            count,
                            manager);
            try {
                fit.fit(root, batches);
                List<LayerChoice> found =
                        chosen.stream()
                                .map(
                                        choice ->
                                                choice.network() == null
                                                        ? choice
                                                        : choice.with(
                                                                fit.found(choice.leaf().path())))
                                .toList();
                ConversionReport report = report(root, found);
                Block converted = fit.commit(root);
                return new Conversion(
                        report.converted() > 0 ? ConvertedRoot.of(converted) : converted, report);
            } catch (RuntimeException e) {
                fit.discard();
                throw e;
            }
        }
    }

    private Block replace(
            LayerChoice choice, TensorialInitializer drawing, Replacement replacement) {
        BlockTree.Leaf leaf = choice.leaf();
        Block known = replacement.known(leaf.block());
        if (known != null) {
            return known;
        }
        return choice.found() != null
                ? Layers.decomposed(
                        choice.kernel(),
                        leaf.path(),
                        choice.found(),
                        options,
                        leaf.block(),
                        leaf.input())
                : Layers.fresh(
                        choice.kernel(),
                        leaf.path(),
                        choice.network(),
                        drawing,
                        options,
                        leaf.block(),
                        leaf.input());
    }

    private ConversionReport report(Block root, List<LayerChoice> chosen) {
        Set<Parameter> listed = Collections.newSetFromMap(new IdentityHashMap<>());
        chosen.forEach(c -> listed.addAll(c.leaf().block().getDirectParameters().values()));
        long other = 0;
        long otherBytes = 0;
        for (Parameter parameter : BlockTree.parameters(root).values()) {
            if (!listed.contains(parameter) && parameter.isInitialized()) {
                long size = parameter.getArray().size();
                other += size;
                otherBytes += size * parameter.getArray().getDataType().getNumOfBytes();
            }
        }
        List<LayerReport> layers = chosen.stream().map(choice -> choice.report(options)).toList();
        return new ConversionReport(layers, other, otherBytes);
    }
}
