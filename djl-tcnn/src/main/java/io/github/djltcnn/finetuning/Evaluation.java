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
package io.github.djltcnn.finetuning;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.models.ModelInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures how well a model recognises pictures.
 *
 * <pre>{@code
 * ConfusionMatrix matrix = Evaluation.of(model, Path.of("animals-test"));
 * logger.info("{} of {} pictures", matrix.accuracy(), matrix.total());
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Evaluation {

    private static final int AT_ONCE = 100;

    private Evaluation() {}

    /**
     * Measures on a folder with one folder of pictures per class, read as predictions read them.
     *
     * @param model a model with labels; folders are called like them
     * @param folder the folder; classes without a folder are not measured
     * @return how many pictures of each class were taken for which
     * @throws IOException if a picture cannot be read: names it
     * @throws IllegalArgumentException if the model has no labels, or a folder is none of them
     */
    public static ConfusionMatrix of(Model model, Path folder) throws IOException {
        List<String> labels = ModelInfo.of(model).labels();
        if (labels.isEmpty()) {
            throw new IllegalArgumentException(
                    "The model "
                            + model.getName()
                            + " has no labels to compare the names of folders with; set them by"
                            + " TensorialModels.setLabels");
        }
        PictureFolder pictures = PictureFolder.read(folder, labels);
        if (pictures.files().isEmpty()) {
            throw new IllegalArgumentException("There is no picture in the folders of " + folder);
        }
        Shape image = ModelInfo.of(model).input().slice(1);
        PictureReader reader = new PictureReader(model, image);
        int[][] counts = new int[labels.size()][labels.size()];
        for (int start = 0; start < pictures.files().size(); start += AT_ONCE) {
            int size = Math.min(AT_ONCE, pictures.files().size() - start);
            float[] pixels = new float[size * reader.size()];
            for (int n = 0; n < size; n++) {
                Path file = pictures.files().get(start + n);
                try {
                    float[] one = reader.read(file);
                    System.arraycopy(one, 0, pixels, n * one.length, one.length);
                } catch (IOException e) {
                    throw new IOException(file + " " + e.getMessage(), e);
                }
            }
            try (NDManager manager = model.getNDManager().newSubManager()) {
                NDArray batch = manager.create(pixels, new Shape(size).addAll(image));
                long[] answers = answers(model, batch, manager);
                for (int n = 0; n < size; n++) {
                    counts[pictures.labels()[start + n]][(int) answers[n]]++;
                }
            }
        }
        return ConfusionMatrix.of(labels, counts);
    }

    /**
     * Measures on a dataset of DJL.
     *
     * @param model a model that classifies; without labels its classes are called by numbers
     * @param dataset pictures as the model takes them, from 0 to 1, and numbers of classes
     * @return how many pictures of each class were taken for which
     * @throws IOException if the dataset cannot be read
     * @throws TranslateException if it cannot make its pictures
     */
    public static ConfusionMatrix of(Model model, RandomAccessDataset dataset)
            throws IOException, TranslateException {
        ModelInfo info = ModelInfo.of(model);
        int classes = Math.toIntExact(info.output().get(info.output().dimension() - 1));
        List<String> labels =
                info.labels().isEmpty()
                        ? IntStream.range(0, classes).mapToObj(Integer::toString).toList()
                        : info.labels();
        int[][] counts = new int[classes][classes];
        try (NDManager manager = model.getNDManager().newSubManager()) {
            BatchSampler order = new BatchSampler(new SequenceSampler(), AT_ONCE, false);
            for (Batch batch : dataset.getData(manager, order)) {
                try (batch;
                        NDArray real = batch.getLabels().head().toType(DataType.FLOAT32, true)) {
                    float[] labelled = real.toFloatArray();
                    long[] answers = answers(model, batch.getData().head(), batch.getManager());
                    for (int n = 0; n < answers.length; n++) {
                        counts[Math.round(labelled[n])][(int) answers[n]]++;
                    }
                }
            }
        }
        return ConfusionMatrix.of(labels, counts);
    }

    private static long[] answers(Model model, NDArray batch, NDManager manager) {
        return model.getBlock()
                .forward(new ParameterStore(manager, false), new NDList(batch), false)
                .singletonOrThrow()
                .argMax(1)
                .toLongArray();
    }
}
