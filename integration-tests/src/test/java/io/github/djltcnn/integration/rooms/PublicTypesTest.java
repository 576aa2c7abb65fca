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
package io.github.djltcnn.integration.rooms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * docs/public-types.md lists the public types as they are. With {@code -Dtypes.write=true} it is
 * written anew.
 */
public class PublicTypesTest {

    private static final Path PAGE = Path.of("..", "docs", "public-types.md");

    @Test
    public void testPageListsThePublicTypes() throws IOException {
        String page = PublicTypes.read().page();
        if (Boolean.getBoolean("types.write")) {
            Files.writeString(PAGE, page);
        }
        Assert.assertEquals(
                Files.readString(PAGE).replace("\r\n", "\n"),
                page,
                "docs/public-types.md is not of the types as they are; it has the command that"
                        + " writes it anew:");
    }
}
