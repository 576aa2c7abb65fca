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

import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Writes some of the pictures that ship with this module as PNG files, a folder per class, for who
 * has no folder of pictures at hand.
 *
 * @since 0.1.0
 */
public final class WritePictures {

    private WritePictures() {}

    /**
     * Runs the program.
     *
     * @param args the folder, and how many pictures of each class
     * @throws IOException if a file cannot be written
     */
    public static void main(String[] args) throws IOException {
        runExample(Path.of(args[0]), List.of("Bag", "Sandal", "Shirt"), Integer.parseInt(args[1]));
    }

    /**
     * Runs the program.
     *
     * @param folder the folder
     * @param classes which classes of {@link FashionMnist#CLASSES}
     * @param each how many pictures of each
     * @throws IOException if a file cannot be written
     */
    public static void runExample(Path folder, List<String> classes, int each) throws IOException {
        LabelledImages images = FashionMnist.subset().train();
        int[] written = new int[FashionMnist.CLASSES.size()];
        for (int n = 0; n < images.count(); n++) {
            int label = images.label(n);
            String name = FashionMnist.CLASSES.get(label);
            if (classes.contains(name) && written[label] < each) {
                Path inner = Files.createDirectories(folder.resolve(name));
                BufferedImage image = (BufferedImage) images.image(n).getWrappedImage();
                Path file = inner.resolve(String.format("%04d.png", written[label]++));
                ImageIO.write(image, "png", file.toFile());
            }
        }
    }
}
