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
package io.github.djltcnn.compression.internal;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The images of a folder, fitted to a model: read in its number of channels, resized, pixels from 0
 * to 1. Where the folder has one folder for each class of the model, these are the labels.
 */
public final class ImageFolder extends RandomAccessDataset {

    private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif");

    private final List<Path> files;
    private final List<Integer> labels;
    private final Shape input;

    private ImageFolder(Builder builder) {
        super(builder);
        files = builder.files;
        labels = builder.labels;
        input = builder.input;
    }

    /**
     * Looks into a folder.
     *
     * @param folder the folder; folders within it, and those that links lead to, are looked into
     *     too
     * @param input the shape of an input of the model, (batch, 1 or 3, height, width)
     * @param names the names of the classes of the model in order; empty if it has none
     * @param classes the number of outputs; below 1 if they are no classes
     * @param batch the images of a batch
     * @return the dataset
     * @throws IOException if the folder cannot be read
     * @throws IllegalArgumentException if there is no such folder, it has no images, or the model
     *     takes none
     */
    public static ImageFolder of(
            Path folder, Shape input, List<String> names, long classes, int batch)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("There is no folder " + folder);
        }
        if (input.dimension() != 4 || (input.get(1) != 1 && input.get(1) != 3)) {
            throw new IllegalArgumentException(
                    "The model takes "
                            + input
                            + ", and images of a folder are (batch, 1 or 3, height, width); give a"
                            + " Dataset");
        }
        Builder builder = new Builder(input);
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            all.filter(ImageFolder::isImage).sorted().forEach(builder.files::add);
        } catch (UncheckedIOException e) {
            // A folder that may not be read, or a link to a folder above it.
            throw e.getCause();
        }
        if (builder.files.isEmpty()) {
            throw new IllegalArgumentException(
                    "The folder " + folder + " has no images; they end in " + ENDINGS);
        }
        builder.label(folder, names, classes);
        return builder.setSampling(batch, true).build();
    }

    private static boolean isImage(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return !name.startsWith(".")
                && ENDINGS.stream().anyMatch(name::endsWith)
                && Files.isRegularFile(file);
    }

    @Override
    public Record get(NDManager manager, long index) throws IOException {
        Path file = files.get(Math.toIntExact(index));
        Image image;
        try {
            image = ImageFactory.getInstance().fromFile(file);
        } catch (IOException | RuntimeException e) {
            throw new IOException("Cannot read the image " + file + ": " + e.getMessage(), e);
        }
        Image.Flag flag = input.get(1) == 1 ? Image.Flag.GRAYSCALE : Image.Flag.COLOR;
        int width = Math.toIntExact(input.get(3));
        int height = Math.toIntExact(input.get(2));
        NDArray pixels = image.toNDArray(manager, flag);
        if (pixels.getShape().get(0) != height || pixels.getShape().get(1) != width) {
            pixels = new Resize(width, height).transform(pixels);
        }
        NDArray numbers = new ToTensor().transform(pixels);
        int label = labels.isEmpty() ? -1 : labels.get(Math.toIntExact(index));
        return new Record(new NDList(numbers), new NDList(manager.create((float) label)));
    }

    @Override
    protected long availableSize() {
        return files.size();
    }

    @Override
    public void prepare(Progress progress) {
        // The files are known.
    }

    /** Builds a folder. */
    private static final class Builder extends BaseBuilder<Builder> {

        private final Shape input;
        private final List<Path> files = new ArrayList<>();
        private final List<Integer> labels = new ArrayList<>();

        Builder(Shape input) {
            this.input = input;
        }

        void label(Path folder, List<String> names, long classes) {
            List<String> folders =
                    files.stream()
                            .map(file -> folder.relativize(file))
                            .map(file -> file.getNameCount() > 1 ? file.getName(0).toString() : "")
                            .toList();
            List<String> known =
                    names.isEmpty() ? folders.stream().distinct().sorted().toList() : names;
            boolean fit =
                    known.size() == classes && known.containsAll(folders) && !folders.contains("");
            if (fit) {
                folders.forEach(name -> labels.add(known.indexOf(name)));
            }
        }

        @Override
        protected Builder self() {
            return this;
        }

        ImageFolder build() {
            return new ImageFolder(this);
        }
    }
}
