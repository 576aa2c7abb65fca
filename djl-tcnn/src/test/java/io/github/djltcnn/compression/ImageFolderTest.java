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
package io.github.djltcnn.compression;

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.compression.internal.ImageFolder;
import io.github.djltcnn.testing.files.Folders;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Folders of images as people have them: with links. */
public class ImageFolderTest {

    private static final Shape INPUT = new Shape(1, 1, 4, 4);

    private Path root;
    private Path images;

    @BeforeMethod
    public void make() throws IOException {
        root = Files.createTempDirectory("image-folder");
        images = root.resolve("images");
        for (String name : List.of("cat", "dog")) {
            Path folder = Files.createDirectories(images.resolve(name));
            BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
            ImageIO.write(image, "png", folder.resolve("0.png").toFile());
        }
    }

    @AfterMethod
    public void delete() throws IOException {
        Folders.delete(root);
    }

    private static long count(Path folder) throws IOException {
        return ImageFolder.of(folder, INPUT, List.of(), 2, 1).size();
    }

    private static Path link(Path link, Path target) throws IOException {
        try {
            return Files.createSymbolicLink(link, target);
        } catch (IOException | UnsupportedOperationException e) {
            throw new SkipException("no links here", e);
        }
    }

    @Test
    public void linksAreFollowed() throws IOException {
        Assert.assertEquals(count(images), 2);
        Assert.assertEquals(count(link(root.resolve("whole"), images)), 2);
        Path parts = Files.createDirectory(root.resolve("parts"));
        link(parts.resolve("cat"), images.resolve("cat"));
        link(parts.resolve("dog"), images.resolve("dog"));
        Assert.assertEquals(count(parts), 2);
        link(parts.resolve("dog.png"), root.resolve("gone.png"));
        Assert.assertEquals(count(parts), 2);
    }

    @Test
    public void aLinkToTheFolderAboveIsNamed() throws IOException {
        link(images.resolve("dog/again"), images);
        IOException refused = Assert.expectThrows(IOException.class, () -> count(images));
        Assert.assertTrue(refused.getMessage().contains("again"), "" + refused);
    }
}
