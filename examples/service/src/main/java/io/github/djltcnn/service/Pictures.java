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
package io.github.djltcnn.service;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.springframework.stereotype.Component;

/** Decodes pictures that are not trusted: the size is read before memory for it is taken. */
@Component
class Pictures {

    static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "bmp", "gif");

    private static final Set<String> FORMATS = Set.of("png", "jpeg", "bmp", "gif");

    private final long mostBytes;
    private final long mostPixels;

    /** A large picture takes some hundred megabytes while it is decoded. */
    private final Semaphore decoding = new Semaphore(2);

    Pictures(ServiceSettings settings) {
        mostBytes = settings.upload().pictureBytes().toBytes();
        mostPixels = settings.upload().pixels();
        // No temporary files for what is in memory already.
        ImageIO.setUseCache(false);
    }

    long mostBytes() {
        return mostBytes;
    }

    /**
     * A decoded picture.
     *
     * @param format png, jpeg, bmp or gif
     * @param pixels the pixels
     */
    record Decoded(String format, BufferedImage pixels) {

        boolean isGrey() {
            return pixels.getColorModel().getNumColorComponents() == 1;
        }
    }

    /** Decodes a picture. The name is for messages. */
    Decoded decode(String name, byte[] bytes) {
        decoding.acquireUninterruptibly();
        try (ImageInputStream stream =
                ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (bytes.length == 0 || !readers.hasNext()) {
                throw Problem.bad(
                        name + " is no picture",
                        bytes.length == 0 ? "an empty file" : "a file of another kind",
                        "PNG, JPEG, BMP or GIF");
            }
            ImageReader reader = readers.next();
            try {
                return decode(name, reader, stream);
            } finally {
                reader.dispose();
            }
        } catch (IOException e) {
            throw damaged(name, e);
        } finally {
            decoding.release();
        }
    }

    private Decoded decode(String name, ImageReader reader, ImageInputStream stream)
            throws IOException {
        String format = reader.getFormatName().toLowerCase(Locale.ROOT);
        if (!FORMATS.contains(format)) {
            throw Problem.bad(name + " is of another format", format, "PNG, JPEG, BMP or GIF");
        }
        try {
            reader.setInput(stream, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if ((long) width * height > mostPixels) {
                throw Problem.tooLarge(
                        name + " has too many pixels",
                        width + " x " + height + " pixels",
                        mostPixels + " pixels");
            }
            return new Decoded(format, reader.read(0));
        } catch (Problem e) {
            throw e;
        } catch (RuntimeException e) {
            // Java's readers let some damages through as exceptions of any kind.
            throw damaged(name, e);
        }
    }

    private static Problem damaged(String name, Exception e) {
        return Problem.bad(
                name + " is damaged, or of a kind that Java does not read",
                e.getMessage(),
                "PNG, JPEG (grey or RGB), BMP or GIF");
    }
}
