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
package io.github.djltcnn.zoo;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Criteria and addresses that say two things, or nothing that can be read. */
public class HostileCriteriaTest {

    @DataProvider
    Object[][] addresses() {
        return new Object[][] {
            {"tcnn://tr_resnet20?rank=4&rank=5", "rank"},
            {"tcnn://tr_resnet20?rank=4&%72ank=5", "rank"},
            {"tcnn://tr_resnet20?height=16&width=16&topK=many", "topK"},
            {"tcnn://tr_resnet20?height=16&width=16&resize=large", "resize"},
        };
    }

    @Test(dataProvider = "addresses")
    void testAddress(String url, String argument) {
        Throwable thrown =
                Assert.expectThrows(
                        Exception.class,
                        () ->
                                Criteria.builder()
                                        .setTypes(Image.class, Classifications.class)
                                        .optModelUrls(url)
                                        .build()
                                        .loadModel()
                                        .close());
        while (thrown.getCause() != null && !(thrown instanceof IllegalArgumentException)) {
            thrown = thrown.getCause();
        }
        Assert.assertTrue(thrown.getMessage().contains(argument), thrown.toString());
    }

    /** The filter won in silence, and the model had the name of another rank. */
    @Test
    void testFilterAndArgumentOfOtherRanks() {
        Criteria<NDList, NDList> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optGroupId(TcnnZoo.GROUP_ID)
                        .optArtifactId("tr_resnet")
                        .optFilter("layers", "20")
                        .optFilter("rank", "4")
                        .optArgument("rank", "9")
                        .build();
        Throwable thrown = Assert.expectThrows(Exception.class, criteria::loadModel);
        while (thrown.getCause() != null && !(thrown instanceof IllegalArgumentException)) {
            thrown = thrown.getCause();
        }
        Assert.assertTrue(
                thrown.getMessage().contains("rank 4") && thrown.getMessage().contains("rank 9"),
                thrown.toString());
    }

    @Test
    void testNoName() {
        Assert.assertThrows(IllegalArgumentException.class, () -> ResNetSpec.parse(null));
    }
}
