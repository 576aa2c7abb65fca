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

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** A fine-tuning that is killed three times ends as one that nobody kills. */
public class KillAndResumeTest {

    @Test
    public void aKilledRunEndsAsAnUnbrokenOne() throws Exception {
        Path out = Files.createTempDirectory("killed");
        List<KillAndResume.Kill> kills =
                KillAndResume.runExample("--kills", "3", "--per-run", "3", "--out", out.toString());
        Assert.assertEquals(kills.size(), 3);
        for (KillAndResume.Kill kill : kills) {
            Assert.assertTrue(kill.equal(), kills.toString());
        }
    }
}
