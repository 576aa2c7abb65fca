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
package io.github.djltcnn.examples.data;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * A gzip-compressed idx file of unsigned bytes, the format of MNIST and Fashion-MNIST: two zero
 * bytes, the element type (8), the number of axes, each axis' size as a big-endian int, the
 * elements in row-major order.
 *
 * <p>A file is not trusted: what its header claims is checked against what the caller expects and
 * against the bytes that follow.
 */
final class IdxFile {

    /** Element type "unsigned byte". */
    private static final int UNSIGNED_BYTE = 0x08;

    private final int[] sizes;
    private final byte[] elements;

    /**
     * Wraps elements.
     *
     * @param sizes the size of each axis
     * @param elements the elements, row-major; as many as the sizes' product
     */
    IdxFile(int[] sizes, byte[] elements) {
        this.sizes = sizes.clone();
        this.elements = elements;
        if (product(this.sizes) != elements.length) {
            throw new IllegalArgumentException(
                    "Axes "
                            + Arrays.toString(sizes)
                            + " need "
                            + product(this.sizes)
                            + " elements, got "
                            + elements.length);
        }
    }

    /**
     * Reads a file to its end.
     *
     * @param in the compressed bytes; not closed
     * @param name what to call the file in errors
     * @param itemSizes the expected sizes of all axes but the first: (28, 28) for images, none for
     *     labels
     * @return the file's contents
     * @throws IOException if the file is not of this format, has other axes, is cut short or goes
     *     on after its last element
     */
    static IdxFile read(InputStream in, String name, int... itemSizes) throws IOException {
        try {
            DataInputStream data = new DataInputStream(new GZIPInputStream(in));
            int magic = data.readInt();
            int expectedMagic = UNSIGNED_BYTE << 8 | itemSizes.length + 1;
            if (magic != expectedMagic) {
                throw new IOException(
                        String.format(
                                "%s: expected an idx file of unsigned bytes with %d axes (magic"
                                        + " %08x), found magic %08x",
                                name, itemSizes.length + 1, expectedMagic, magic));
            }
            int[] sizes = new int[itemSizes.length + 1];
            for (int axis = 0; axis < sizes.length; axis++) {
                sizes[axis] = data.readInt();
            }
            if (!Arrays.equals(itemSizes, 0, itemSizes.length, sizes, 1, sizes.length)) {
                throw new IOException(
                        String.format(
                                "%s: expected items of size %s, found axes %s",
                                name, Arrays.toString(itemSizes), Arrays.toString(sizes)));
            }
            long claimed = product(sizes);
            if (sizes[0] < 1 || claimed > Integer.MAX_VALUE - 8) {
                throw new IOException(
                        String.format(
                                "%s: expected between 1 and %d elements, found axes %s",
                                name, Integer.MAX_VALUE - 8, Arrays.toString(sizes)));
            }
            // readNBytes grows with what is there: a false count cannot make it allocate.
            byte[] elements = data.readNBytes((int) claimed);
            if (elements.length < claimed) {
                throw new IOException(
                        String.format(
                                "%s: axes %s need %d bytes, the file ends after %d: it is"
                                        + " truncated",
                                name, Arrays.toString(sizes), claimed, elements.length));
            }
            if (data.read() >= 0) {
                throw new IOException(
                        String.format(
                                "%s: axes %s need %d bytes, the file goes on after them",
                                name, Arrays.toString(sizes), claimed));
            }
            return new IdxFile(sizes, elements);
        } catch (EOFException e) {
            throw new IOException(name + ": the file ends early: it is truncated", e);
        } catch (ZipException e) {
            throw new IOException(name + ": not a sound gzip file: " + e.getMessage(), e);
        }
    }

    /**
     * Writes the file, compressed.
     *
     * @param out where to; not closed
     * @throws IOException if writing fails
     */
    void write(OutputStream out) throws IOException {
        GZIPOutputStream gzip = new SmallestGzip(out);
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(gzip));
        data.writeInt(UNSIGNED_BYTE << 8 | sizes.length);
        for (int size : sizes) {
            data.writeInt(size);
        }
        data.write(elements);
        data.flush();
        gzip.finish();
    }

    /**
     * Returns the number of items, the size of the first axis.
     *
     * @return the number of items
     */
    int count() {
        return sizes[0];
    }

    /**
     * Returns the elements, row-major, not copied.
     *
     * @return the elements
     */
    byte[] elements() {
        return elements;
    }

    /**
     * Returns the items at some places as a file of their own.
     *
     * @param places indices of items, in the order wanted
     * @return these items
     */
    IdxFile pick(int... places) {
        int item = elements.length / count();
        byte[] picked = new byte[places.length * item];
        for (int i = 0; i < places.length; i++) {
            System.arraycopy(elements, places[i] * item, picked, i * item, item);
        }
        int[] pickedSizes = sizes.clone();
        pickedSizes[0] = places.length;
        return new IdxFile(pickedSizes, picked);
    }

    private static long product(int... sizes) {
        long product = 1;
        for (int size : sizes) {
            product *= size;
        }
        return product;
    }

    /** A gzip stream at the highest compression level. */
    private static final class SmallestGzip extends GZIPOutputStream {

        SmallestGzip(OutputStream out) throws IOException {
            super(out);
            def.setLevel(9);
        }
    }
}
