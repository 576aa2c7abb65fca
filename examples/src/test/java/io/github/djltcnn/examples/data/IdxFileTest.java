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

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.GZIPOutputStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tests {@link IdxFile}, above all with files that are not what they should be. */
public class IdxFileTest {

    @Test
    public void testRoundTrip() throws IOException {
        byte[] elements = {0, 1, 2, -1, 127, -128};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new IdxFile(new int[] {3, 1, 2}, elements).write(out);
        IdxFile back = IdxFile.read(new ByteArrayInputStream(out.toByteArray()), "f", 1, 2);
        Assert.assertEquals(back.count(), 3);
        Assert.assertEquals(back.elements(), elements);
    }

    @Test
    public void testPick() {
        IdxFile file = new IdxFile(new int[] {3, 2}, new byte[] {0, 1, 2, 3, 4, 5});
        IdxFile picked = file.pick(2, 0);
        Assert.assertEquals(picked.count(), 2);
        Assert.assertEquals(picked.elements(), new byte[] {4, 5, 0, 1});
    }

    @Test
    public void testElementsMustFitAxes() {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> new IdxFile(new int[] {2, 2}, new byte[3]));
        Assert.assertEquals(e.getMessage(), "Axes [2, 2] need 4 elements, got 3");
    }

    /**
     * Files that must be refused.
     *
     * @return what is wrong, the bytes before compression, a part of the message
     */
    @DataProvider
    public Object[][] damaged() {
        return new Object[][] {
            {"empty", new int[] {}, 0, "truncated"},
            {"magic of labels", new int[] {0x801, 2}, 2, "magic 00000803"},
            {"type float", new int[] {0xd03, 2, 2, 2}, 8, "found magic 00000d03"},
            {"header cut", new int[] {0x803, 2, 2}, 0, "truncated"},
            {"other image size", new int[] {0x803, 2, 3, 2}, 12, "items of size [2, 2]"},
            {"no item", new int[] {0x803, 0, 2, 2}, 0, "between 1 and"},
            {"negative count", new int[] {0x803, -1, 2, 2}, 4, "between 1 and"},
            {"count too large", new int[] {0x803, Integer.MAX_VALUE, 2, 2}, 4, "between 1 and"},
            {"large false count", new int[] {0x803, 500_000_000, 2, 2}, 4, "ends after 4"},
            {"elements cut", new int[] {0x803, 2, 2, 2}, 7, "ends after 7"},
            {"elements left over", new int[] {0x803, 2, 2, 2}, 9, "goes on"},
        };
    }

    @Test(dataProvider = "damaged")
    public void testDamaged(String what, int[] header, int elements, String message)
            throws IOException {
        byte[] file = compress(header, elements);
        IOException e =
                Assert.expectThrows(
                        IOException.class,
                        () -> IdxFile.read(new ByteArrayInputStream(file), "some.gz", 2, 2));
        Assert.assertTrue(e.getMessage().startsWith("some.gz: "), what + ": " + e.getMessage());
        Assert.assertTrue(e.getMessage().contains(message), what + ": " + e.getMessage());
    }

    @Test
    public void testCompressedBytesCut() throws IOException {
        byte[] file = compress(new int[] {0x803, 100, 2, 2}, 400);
        for (int length = 0; length < file.length; length++) {
            ByteArrayInputStream in = new ByteArrayInputStream(file, 0, length);
            Assert.assertThrows(IOException.class, () -> IdxFile.read(in, "f", 2, 2));
        }
    }

    @Test
    public void testNotCompressed() {
        ByteArrayInputStream in = new ByteArrayInputStream(new byte[] {0, 0, 8, 3, 0, 0, 0, 0});
        IOException e =
                Assert.expectThrows(IOException.class, () -> IdxFile.read(in, "plain.idx", 2, 2));
        Assert.assertTrue(e.getMessage().startsWith("plain.idx: "), e.getMessage());
    }

    private static byte[] compress(int[] header, int elements) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
            for (int value : header) {
                out.writeInt(value);
            }
            out.write(new byte[elements]);
        }
        return bytes.toByteArray();
    }
}
