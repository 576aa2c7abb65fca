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
package io.github.djltcnn.examples;

import io.github.djltcnn.examples.TrainingOutcome.Epoch;
import io.github.djltcnn.examples.TrainingOutcome.Guess;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Tests {@link Pictures}. */
public class PicturesTest {

    @Test
    public void testContactSheet() throws IOException {
        LabelledImages images = FashionMnist.subset().test();
        List<Guess> guesses =
                List.of(
                        new Guess(3, "Coat", "Coat", 0.9),
                        new Guess(4, "Bag", "Shirt", 0.4),
                        new Guess(5, "Bag", "Bag", 1),
                        new Guess(6, "Bag", "Bag", 1),
                        new Guess(7, "Bag", "Bag", 1),
                        new Guess(8, "Bag", "Bag", 1));
        Path file = Files.createTempFile("sheet", ".png");
        try {
            Pictures.contactSheet(images, guesses, file);
            BufferedImage sheet = ImageIO.read(file.toFile());
            Assert.assertEquals(sheet.getWidth(), 12 + 5 * (140 + 12));
            Assert.assertEquals(sheet.getHeight(), 12 + 2 * (140 + 36 + 12));
            // Each pixel of an image has become a square of 5 x 5.
            BufferedImage first = (BufferedImage) images.image(3).getWrappedImage();
            for (int y = 0; y < 28; y++) {
                for (int x = 0; x < 28; x++) {
                    Assert.assertEquals(
                            new Color(sheet.getRGB(12 + 5 * x + 2, 12 + 5 * y + 2)),
                            new Color(first.getRGB(x, y)));
                }
            }
            Assert.assertTrue(redness(sheet, 0) < 0, "a right guess is green");
            Assert.assertTrue(redness(sheet, 1) > 0, "a wrong guess is red");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    public void testCurves() throws IOException {
        Path file = Files.createTempFile("curves", ".png");
        try {
            Pictures.curves(
                    "a title",
                    List.of(
                            new Epoch(1, 1.2f, 0.5f, 0.9f, 0.7f),
                            new Epoch(2, 0.6f, 0.8f, 0.5f, 0.85f)),
                    file);
            BufferedImage picture = ImageIO.read(file.toFile());
            Assert.assertEquals(picture.getWidth(), 700);
            Assert.assertEquals(picture.getHeight(), 720);
        } finally {
            Files.delete(file);
        }
    }

    /** How much more red than green there is in the text below an image of the first row. */
    private static int redness(BufferedImage sheet, int column) {
        int redness = 0;
        for (int y = 12 + 140; y < 12 + 140 + 36; y++) {
            for (int x = 12 + column * 152; x < (column + 1) * 152; x++) {
                Color c = new Color(sheet.getRGB(x, y));
                redness += c.getRed() - c.getGreen();
            }
        }
        return redness;
    }
}
