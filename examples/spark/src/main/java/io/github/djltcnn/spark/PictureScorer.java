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
package io.github.djltcnn.spark;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.translate.TranslateException;
import io.github.djltcnn.models.TensorialModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Reads pictures and says what they show. What cannot be read is said of the picture alone. */
final class PictureScorer implements AutoCloseable {

    private static final long MAX_PIXELS = 100_000_000;

    private final Predictor<Image, Classifications> predictor;
    private final Configuration files;

    /**
     * Scores with a model.
     *
     * @param model a model of pictures, with labels
     * @param files how files are opened
     */
    PictureScorer(Model model, Configuration files) {
        predictor =
                model.newPredictor(
                        TensorialModels.translator(model, Image.class, Classifications.class));
        this.files = files;
    }

    /**
     * Scores pictures in one batch.
     *
     * @param paths the pictures
     * @return a score for each
     * @throws TranslateException if the model does not take a picture that could be read
     */
    List<Score> score(List<String> paths) throws TranslateException {
        Score[] scores = new Score[paths.size()];
        List<Image> images = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int n = 0; n < scores.length; n++) {
            try {
                images.add(read(paths.get(n)));
                places.add(n);
            } catch (IOException | RuntimeException e) {
                scores[n] = Score.failed(paths.get(n), String.valueOf(e.getMessage()));
            }
        }
        if (!images.isEmpty()) {
            List<Classifications> answers = predictor.batchPredict(images);
            for (int n = 0; n < answers.size(); n++) {
                int place = places.get(n);
                scores[place] = score(paths.get(place), answers.get(n));
            }
        }
        return List.of(scores);
    }

    private static Score score(String path, Classifications answer) {
        Map<String, Float> probabilities = new LinkedHashMap<>();
        for (int c = 0; c < answer.getClassNames().size(); c++) {
            probabilities.put(
                    answer.getClassNames().get(c), answer.getProbabilities().get(c).floatValue());
        }
        Classifications.Classification best = answer.best();
        return new Score(
                path, best.getClassName(), (float) best.getProbability(), probabilities, null);
    }

    private Image read(String file) throws IOException {
        Path path = new Path(file);
        byte[] bytes;
        try (InputStream is = path.getFileSystem(files).open(path)) {
            bytes = is.readAllBytes();
        }
        checkSize(bytes);
        return ImageFactory.getInstance().fromInputStream(new ByteArrayInputStream(bytes));
    }

    /** A small file may claim to be a picture that fills the memory. */
    private static void checkSize(byte[] bytes) throws IOException {
        try (ImageInputStream is =
                ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(is);
            if (!readers.hasNext()) {
                throw new IOException("is no picture that Java can read");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(is);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MAX_PIXELS) {
                    throw new IOException(
                            "has " + pixels + " pixels, at most " + MAX_PIXELS + " are read");
                }
            } finally {
                reader.dispose();
            }
        }
    }

    @Override
    public void close() {
        predictor.close();
    }
}
