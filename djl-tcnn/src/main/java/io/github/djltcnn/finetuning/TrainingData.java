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
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import io.github.djltcnn.finetuning.internal.Randomness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pictures of a fine-tuning.
 *
 * @param train what is trained on
 * @param heldOut what accuracy is measured on
 * @param classes the names of the classes
 * @param skipped pictures that cannot be used
 * @param identity what says whether another start has the same pictures
 */
record TrainingData(
        RandomAccessDataset train,
        RandomAccessDataset heldOut,
        List<String> classes,
        List<SkippedImage> skipped,
        String identity) {

    private static final Logger LOGGER = LoggerFactory.getLogger(TrainingData.class);

    /** Pictures are kept in memory up to this share of the heap. */
    private static final int SHARE_OF_HEAP = 4;

    private static final int SHOWN = 3;

    /** Pictures of a folder that can be used, and their bytes. */
    private record ReadPictures(List<Path> files, List<Integer> labels, List<byte[]> bytes) {

        ReadPictures() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    /**
     * Reads pictures from folders.
     *
     * @param folder the names of the pictures to train on
     * @param other the names of those to measure on; null to hold out some of the first
     * @param share the share of each class that is held out
     * @param random draws them
     * @param model the model that will see them
     * @param image (channels, height, width)
     * @param cancelled whether somebody wants no more
     * @return the data; null if that was so
     * @throws IOException if a folder cannot be read
     */
    static TrainingData of(
            PictureFolder folder,
            PictureFolder other,
            double share,
            Randomness random,
            Model model,
            Shape image,
            BooleanSupplier cancelled)
            throws IOException {
        PictureReader reader = new PictureReader(model, image);
        long count = (long) folder.files().size() + (other == null ? 0 : other.files().size());
        boolean keep = count * reader.size() <= Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
        List<SkippedImage> skipped = new ArrayList<>();
        ReadPictures all = readable(folder, reader, keep, skipped, cancelled);
        ReadPictures second =
                other == null ? null : readable(other, reader, keep, skipped, cancelled);
        if (all == null || (other != null && second == null)) {
            return null;
        }
        warn(skipped);
        ReadPictures train = all;
        if (second == null) {
            train = new ReadPictures();
            second = new ReadPictures();
            split(all, folder.classes(), share, random, train, second);
        } else {
            requireEach(all, folder.classes(), 1, skipped);
            if (second.files().isEmpty()) {
                throw new IllegalArgumentException(
                        "None of the pictures to measure on can be used: "
                                + PictureFolder.shown(reasons(skipped)));
            }
        }
        StringBuilder identity = new StringBuilder();
        append(identity, train);
        append(identity, second);
        return new TrainingData(
                dataset(train, reader, image, keep),
                dataset(second, reader, image, keep),
                folder.classes(),
                List.copyOf(skipped),
                identity.toString());
    }

    private static void append(StringBuilder text, ReadPictures pictures) throws IOException {
        for (int n = 0; n < pictures.files().size(); n++) {
            Path file = pictures.files().get(n);
            long content = Files.size(file);
            if (!pictures.bytes().isEmpty()) {
                CRC32 sum = new CRC32();
                sum.update(pictures.bytes().get(n));
                content = sum.getValue();
            }
            text.append(pictures.labels().get(n))
                    .append(' ')
                    .append(content)
                    .append(' ')
                    .append(file.getFileName())
                    .append('\n');
        }
        text.append('\n');
    }

    private static ReadPictures readable(
            PictureFolder folder,
            PictureReader reader,
            boolean keep,
            List<SkippedImage> skipped,
            BooleanSupplier cancelled) {
        ReadPictures readable = new ReadPictures();
        for (int n = 0; n < folder.files().size(); n++) {
            if (cancelled.getAsBoolean()) {
                return null;
            }
            Path file = folder.files().get(n);
            try {
                float[] pixels = reader.read(file);
                readable.files().add(file);
                readable.labels().add(folder.labels()[n]);
                if (keep) {
                    readable.bytes().add(PictureSet.bytes(pixels));
                }
            } catch (IOException e) {
                skipped.add(new SkippedImage(file, String.valueOf(e.getMessage())));
            }
        }
        return readable;
    }

    private static void warn(List<SkippedImage> skipped) {
        if (!skipped.isEmpty() && LOGGER.isWarnEnabled()) {
            LOGGER.warn(
                    "{} pictures cannot be used and are left out: {}{}",
                    skipped.size(),
                    skipped.subList(0, Math.min(SHOWN, skipped.size())),
                    skipped.size() > SHOWN ? ", .." : "");
        }
    }

    private static List<String> reasons(List<SkippedImage> skipped) {
        return skipped.stream().map(s -> s.file().getFileName() + " " + s.reason()).toList();
    }

    /** Every class has its share in both parts, as near as whole pictures allow. */
    private static void split(
            ReadPictures all,
            List<String> classes,
            double share,
            Randomness random,
            ReadPictures train,
            ReadPictures heldOut) {
        requireEach(all, classes, 2, List.of());
        for (int c = 0; c < classes.size(); c++) {
            int label = c;
            int[] own =
                    IntStream.range(0, all.files().size())
                            .filter(n -> all.labels().get(n) == label)
                            .toArray();
            Randomness.shuffle(own, random.of(Randomness.SPLIT, c, own.length));
            int held = (int) Math.round(share * own.length);
            held = Math.max(1, Math.min(own.length - 1, held));
            Arrays.sort(own, 0, held);
            Arrays.sort(own, held, own.length);
            for (int n = 0; n < own.length; n++) {
                ReadPictures to = n < held ? heldOut : train;
                to.files().add(all.files().get(own[n]));
                to.labels().add(c);
                if (!all.bytes().isEmpty()) {
                    to.bytes().add(all.bytes().get(own[n]));
                }
            }
        }
    }

    private static void requireEach(
            ReadPictures pictures, List<String> classes, int least, List<SkippedImage> skipped) {
        int[] counts = new int[classes.size()];
        pictures.labels().forEach(label -> counts[label]++);
        List<String> few = new ArrayList<>();
        for (int c = 0; c < counts.length; c++) {
            if (counts[c] < least) {
                few.add(classes.get(c) + " (" + counts[c] + ")");
            }
        }
        if (!few.isEmpty()) {
            throw new IllegalArgumentException(
                    "Every class needs at least "
                            + least
                            + (least == 1
                                    ? " picture"
                                    : " pictures, one to train on and one to" + " measure on")
                            + "; too few that can be used have "
                            + PictureFolder.shown(few)
                            + (skipped.isEmpty() ? "" : ", left out were " + reasons(skipped)));
        }
    }

    private static PictureSet dataset(
            ReadPictures pictures, PictureReader reader, Shape image, boolean keep) {
        return PictureSet.of(
                reader,
                image,
                pictures.files(),
                pictures.labels().stream().mapToInt(Integer::intValue).toArray(),
                keep ? pictures.bytes().toArray(new byte[0][]) : null);
    }
}
