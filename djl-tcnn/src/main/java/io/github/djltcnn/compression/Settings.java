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
package io.github.djltcnn.compression;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.Dataset;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.compression.internal.ImageFolder;
import io.github.djltcnn.conversion.Tensorizer;
import io.github.djltcnn.decomposition.Decomposer;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.models.ModelInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/** What a {@link Compressor} was told. */
record Settings(
        Model model,
        Function<Rank, ? extends TensorFormat> format,
        String formatName,
        CompressionTarget target,
        double share,
        Dataset images,
        Path folder,
        Dataset test,
        int epochs,
        Distillation.Builder distillation,
        PredictionMode mode,
        int batch,
        double measureSeconds,
        int calibrationImages,
        boolean byAnswers,
        boolean keepFirst,
        Predicate<String> filter,
        Decomposer decomposer,
        BooleanSupplier cancelled) {

    /** The images of a batch that is read from a folder. */
    private static final int FOLDER_BATCH = 50;

    /** Bytes to hold images and what layers make of them. */
    private static final double FIT_BYTES = 1.5e9;

    /** Layers are fitted on their inputs and outputs, before and after. */
    private static final int COPIES = 6;

    /** On fewer images a fit would be one to these images. */
    private static final int LEAST = 16;

    /** The images that layers are fitted on, as many as memory is set aside for. */
    int fitImages() {
        long most =
                BlockTree.leaves(model.getBlock(), input()).stream()
                        .mapToLong(leaf -> Math.max(leaf.input().size(), leaf.out().get(0).size()))
                        .max()
                        .orElse(1);
        double bytes = COPIES * (double) most * type().getNumOfBytes();
        return (int) Math.max(LEAST, Math.min(calibrationImages, FIT_BYTES / bytes));
    }

    /** The shape of an input, a batch of one. */
    Shape input() {
        return input(1);
    }

    /** The shape of an input. */
    Shape input(long images) {
        Shape shape = model.getBlock().getInputShapes()[0];
        return new Shape(images).addAll(new Shape(shape.slice(1).getShape()));
    }

    /** The type of the numbers of the model. */
    DataType type() {
        return BlockTree.parameters(model.getBlock()).values().stream()
                .filter(Parameter::isInitialized)
                .map(parameter -> parameter.getArray().getDataType())
                .findFirst()
                .orElse(DataType.FLOAT32);
    }

    /** The images, null if there are none. */
    Dataset dataset() throws IOException {
        if (folder == null) {
            return images;
        }
        ModelInfo info = ModelInfo.of(model);
        long classes = info.output().dimension() == 2 ? info.output().get(1) : -1;
        return ImageFolder.of(folder, input(), info.labels(), classes, FOLDER_BATCH);
    }

    /** The formats to choose from. */
    Function<Rank, ? extends TensorFormat> formats() {
        return format != null ? format : FormatNames.of(formatName, target);
    }

    /** What converts by this format, these layers and this decomposer. */
    Tensorizer.Builder tensorizer() {
        return Tensorizer.builder()
                .setFormat(formats())
                .optRank(target.rank(share))
                .optKeepFirst(keepFirst)
                .optFilter(filter)
                .optDecomposer(decomposer);
    }

    /** What was asked for, in words. */
    String request() {
        return String.format(
                Locale.ROOT,
                "%.3g of the %s, format %s%s",
                share,
                target.word(),
                format == null ? formatName : format.apply(target.rank(share)).name(),
                epochs > 0 ? ", distilled for " + epochs + " epochs" : "");
    }
}
