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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Zip files and pictures, good ones and others. */
final class Zips {

    private static final int SIZE = 16;

    private Zips() {}

    /** A grey picture of stripes. */
    static byte[] picture(boolean upright, int seed, String format) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_BYTE_GRAY);
        int phase = random.nextInt(4);
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                int light = ((upright ? x : y) + phase) / 2 % 2 == 0 ? 200 : 40;
                image.getRaster().setSample(x, y, 0, light + random.nextInt(40));
            }
        }
        return encode(image, format);
    }

    static byte[] blank(int width, int height, String format) {
        return encode(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), format);
    }

    /** A picture that is packed to a quarter or so. */
    static byte[] coarse(int width, int height, String format) {
        Random random = new Random(5);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int n = 0; n < width * height; n++) {
            image.setRGB(n % width, n / width, random.nextInt() & 0xc0c0c0);
        }
        return encode(image, format);
    }

    private static byte[] encode(BufferedImage image, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalArgumentException(format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A PNG file that says it is larger than any memory. */
    static byte[] hugePng() {
        byte[] png = blank(4, 4, "png");
        ByteBuffer bytes = ByteBuffer.wrap(png);
        bytes.putInt(16, 60_000).putInt(20, 60_000);
        CRC32 crc = new CRC32();
        crc.update(png, 12, 17);
        bytes.putInt(29, (int) crc.getValue());
        return png;
    }

    /** Two classes of stripes. */
    static Map<String, byte[]> stripes(int each) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int n = 0; n < each; n++) {
            files.put("längs/" + n + ".png", picture(true, n, "png"));
            files.put("quer/" + n + ".jpg", picture(false, 1000 + n, "jpg"));
        }
        return files;
    }

    /** Two classes of stripes, and one file more. */
    static byte[] with(String name, byte[] content) {
        Map<String, byte[]> files = stripes(2);
        files.put(name, content);
        return zip(files);
    }

    static byte[] zip(Map<String, byte[]> files) {
        return zip(files, "");
    }

    /** A zip file; the entry of that name is a symbolic link. */
    static byte[] zip(Map<String, byte[]> files, String link) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                ZipArchiveEntry entry = new ZipArchiveEntry(file.getKey());
                if (file.getKey().equals(link)) {
                    entry.setUnixMode(0120777);
                }
                zip.putArchiveEntry(entry);
                zip.write(file.getValue());
                zip.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Changes a field of two bytes of all entries, in the directory and where they lie. */
    static byte[] patched(byte[] zip, int local, int central, int value) {
        ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 46 < zip.length; at++) {
            if (bytes.getInt(at) == 0x04034b50) {
                bytes.putShort(at + local, (short) value);
            } else if (bytes.getInt(at) == 0x02014b50) {
                bytes.putShort(at + central, (short) value);
            }
        }
        return zip;
    }

    /** Changes what the directory says of the unpacked size of all entries. */
    static byte[] lying(byte[] zip, int size) {
        ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 46 < zip.length; at++) {
            if (bytes.getInt(at) == 0x02014b50) {
                bytes.putInt(at + 24, size);
            }
        }
        return zip;
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
