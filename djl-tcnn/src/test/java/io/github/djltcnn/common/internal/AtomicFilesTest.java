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
package io.github.djltcnn.common.internal;

import io.github.djltcnn.testing.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Tests {@link AtomicFiles}: whole or not at all. */
public class AtomicFilesTest {

    private Path root;

    @BeforeMethod
    public void make() throws IOException {
        root = Files.createTempDirectory("atomic");
    }

    @AfterMethod
    public void delete() throws IOException {
        Folders.delete(root);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    public void aFileIsReplacedAtTheEnd() throws IOException {
        Path file = root.resolve("new/a.txt");
        AtomicFiles.write(file, out -> out.write('1'));
        Assert.assertThrows(
                IOException.class,
                () ->
                        AtomicFiles.write(
                                file,
                                out -> {
                                    out.write('2');
                                    throw new IOException("full");
                                }));
        Assert.assertEquals(Files.readString(file), "1");
        AtomicFiles.write(file, out -> out.write('3'));
        Assert.assertEquals(Files.readString(file), "3");
        Assert.assertEquals(names(), List.of("new"));
    }

    /** A folder is no file, not even an empty one, nor the root, which has no parent. */
    @Test
    public void foldersAreNotReplaced() throws IOException {
        Path folder = Files.createDirectory(root.resolve("folder"));
        for (Path wrong : List.of(folder, root, root.getRoot(), Path.of(""))) {
            IOException refused =
                    Assert.expectThrows(
                            IOException.class, () -> AtomicFiles.write(wrong, out -> {}));
            Assert.assertTrue(refused.getMessage().contains("is a folder"), "" + refused);
        }
        Assert.assertEquals(names(), List.of("folder"));
    }

    @Test
    public void whatHasTheNameIsDeleted() throws IOException {
        Files.createFile(root.resolve("a.part"));
        Files.createFile(root.resolve("b.part"));
        Files.createFile(root.resolve("c"));
        AtomicFiles.delete(root, name -> name.endsWith(".part"));
        Assert.assertEquals(names(), List.of("c"));
    }

    @Test
    public void aFileThatIsThereIsNotWrittenTo() throws IOException {
        Path file = Files.writeString(root.resolve("a"), "mine");
        Assert.assertThrows(IOException.class, () -> AtomicFiles.force(file, new byte[1]));
        Assert.assertEquals(Files.readString(file), "mine");
        Path other = root.resolve("b");
        AtomicFiles.force(other, new byte[] {'x'});
        AtomicFiles.replace(other, file);
        Assert.assertEquals(Files.readString(file), "x");
    }
}
