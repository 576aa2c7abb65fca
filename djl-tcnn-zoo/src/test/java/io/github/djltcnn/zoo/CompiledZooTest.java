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

import ai.djl.Application;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import io.github.djltcnn.export.Compiled;
import io.github.djltcnn.nn.NormalizedInput;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Models of the zoo that are compiled for predictions, by each way of asking for it. */
public class CompiledZooTest {

    private static final String URL = "tcnn://tk2_resnet20?rank=6&classes=5&height=16&width=16";
    private static final String TRAINED = "tcnn://resnet20_fashionmnist?";

    private static Criteria.Builder<NDList, NDList> criteria() {
        return Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optTranslator(new NoopTranslator());
    }

    /** How it is asked for, how it is not, and one input. */
    @DataProvider
    public Object[][] ways() {
        Shape small = new Shape(2, 3, 16, 16);
        Shape grey = new Shape(2, 1, 28, 28);
        return new Object[][] {
            {
                criteria().optModelUrls(URL + "&compile=true"), criteria().optModelUrls(URL), small,
            },
            {
                criteria().optModelUrls(URL).optArgument("compile", "true"),
                criteria().optModelUrls(URL + "&compile=false"),
                small,
            },
            {family().optArgument("compile", true), family(), small},
            {
                criteria().optModelUrls(TRAINED + "compile=true"),
                criteria().optModelUrls(TRAINED),
                grey,
            },
            {trained().optArgument("compile", "true"), trained(), grey},
        };
    }

    private static Criteria.Builder<NDList, NDList> family() {
        return criteria()
                .optGroupId(TcnnZoo.GROUP_ID)
                .optApplication(Application.CV.IMAGE_CLASSIFICATION)
                .optArtifactId("tr_resnet")
                .optFilter("layers", "20")
                .optFilter("rank", "4")
                .optArgument("classes", 5)
                .optArgument("height", 16)
                .optArgument("width", 16)
                .optArgument("mean", "0.4,0.5,0.6")
                .optArgument("std", "0.2,0.25,0.3");
    }

    private static Criteria.Builder<NDList, NDList> trained() {
        return criteria()
                .optGroupId(TcnnZoo.GROUP_ID)
                .optArtifactId("resnet")
                .optFilter("dataset", "fashionmnist");
    }

    @Test(dataProvider = "ways")
    public void itPredictsTheSame(
            Criteria.Builder<NDList, NDList> asked,
            Criteria.Builder<NDList, NDList> plain,
            Shape shape)
            throws Exception {
        try (ZooModel<NDList, NDList> compiled = asked.build().loadModel();
                ZooModel<NDList, NDList> eager = plain.build().loadModel();
                Predictor<NDList, NDList> fast = compiled.newPredictor();
                Predictor<NDList, NDList> slow = eager.newPredictor();
                NDManager manager = NDManager.newBaseManager()) {
            Assert.assertTrue(isCompiled(compiled));
            Assert.assertFalse(isCompiled(eager));
            NDArray x = manager.randomUniform(0, 1, shape);
            NDArray found = fast.predict(new NDList(x)).head();
            NDArray wanted = slow.predict(new NDList(x)).head();
            Assert.assertEquals(found.getShape(), wanted.getShape());
            float largest = wanted.abs().max().getFloat();
            float apart = found.sub(wanted).abs().max().getFloat();
            Assert.assertTrue(apart <= 1e-5 * largest, apart + " of " + largest);
        }
    }

    private static boolean isCompiled(Model model) {
        Block block = model.getBlock();
        return block instanceof Compiled
                || (block instanceof NormalizedInput normalised
                        && normalised.getBlock() instanceof Compiled);
    }

    @Test
    public void anotherValueIsRefusedAtOnce() {
        IllegalArgumentException refusal =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> criteria().optModelUrls(URL + "&compile=maybe").build().loadModel());
        Assert.assertTrue(
                refusal.getMessage().contains("true or false, got \"maybe\""),
                refusal.getMessage());
    }

    /** Where DJL reads the parameters after it built the block, there is nothing to compile. */
    @Test
    public void parametersThatComeLaterAreRefused() {
        Map<String, Object> arguments = new HashMap<>(ResNetSpec.parse("resnet20").toArguments());
        arguments.put("compile", "true");
        try (Model model = Model.newInstance("resnet20")) {
            IllegalArgumentException refusal =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> new ResNetBlockFactory().newBlock(model, Path.of(""), arguments));
            Assert.assertTrue(
                    refusal.getMessage().contains("Compiled.replace(model)"), refusal.getMessage());
        }
    }
}
