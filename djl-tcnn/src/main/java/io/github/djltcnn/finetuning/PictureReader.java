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
import ai.djl.metric.Metrics;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.github.djltcnn.models.TensorialModels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads pictures as the model will see them when it predicts: by its own translator, which fits
 * their size and makes them grey or coloured.
 */
final class PictureReader {

    /** A picture of so many pixels takes 400 MB while it is decoded. */
    private static final long MOST_PIXELS = 100_000_000;

    private final Model model;
    private final Translator<Image, Classifications> translator;
    private final Shape shape;

    PictureReader(Model model, Shape shape) {
        this.model = model;
        this.shape = shape;
        translator = TensorialModels.translator(model, Image.class, Classifications.class);
    }

    /** Numbers of one picture: channels times height times width. */
    int size() {
        return Math.toIntExact(shape.size());
    }

    /**
     * Reads a picture.
     *
     * @return pixels from 0 to 1, (channels, height, width)
     * @throws IOException if the file is no picture, is damaged or too large; says so
     */
    float[] read(Path file) throws IOException {
        BufferedImage decoded = decode(file);
        Image image = ImageFactory.getInstance().fromImage(decoded);
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray array = translator.processInput(new Context(model, manager), image).head();
            if (!array.getShape().equals(shape)) {
                throw new IOException(
                        "comes to an array of "
                                + array.getShape()
                                + ", the model takes "
                                + shape
                                + "; let the properties of the model resize pictures");
            }
            return array.toFloatArray();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static BufferedImage decode(Path file) throws IOException {
        try (ImageInputStream stream = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = stream == null ? null : ImageIO.getImageReaders(stream);
            if (readers == null || !readers.hasNext()) {
                throw new IOException(
                        Files.size(file) == 0
                                ? "the file is empty"
                                : "is no picture that Java reads");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MOST_PIXELS) {
                    throw new IOException(
                            "has "
                                    + reader.getWidth(0)
                                    + " x "
                                    + reader.getHeight(0)
                                    + " pixels, at most "
                                    + MOST_PIXELS
                                    + " are read");
                }
                return reader.read(0);
            } catch (RuntimeException e) {
                // Java's readers let some damages through as exceptions of any kind.
                throw new IOException("is damaged: " + e.getMessage(), e);
            } finally {
                reader.dispose();
            }
        }
    }

    /** What a translator of images asks for. */
    private record Context(Model model, NDManager manager) implements TranslatorContext {

        @Override
        public Model getModel() {
            return model;
        }

        @Override
        public NDManager getNDManager() {
            return manager;
        }

        @Override
        public NDManager getPredictorManager() {
            return manager;
        }

        @Override
        public Block getBlock() {
            return model.getBlock();
        }

        @Override
        public Metrics getMetrics() {
            return null;
        }

        @Override
        public Object getAttachment(String key) {
            return null;
        }

        @Override
        public void setAttachment(String key, Object value) {}

        @Override
        public void close() {
            // the reader closes the manager
        }
    }
}
