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

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import io.github.djltcnn.contraction.Objective;
import io.github.djltcnn.contraction.PlannerOptions;
import io.github.djltcnn.nn.Planning;
import java.util.HashMap;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What the planner is told reaches the models of the zoo. */
public class PlannerArgumentsTest {

    private static final PlannerOptions OPTIONS =
            PlannerOptions.standard().withObjective(Objective.MEMORY).withKeptBytes(1 << 20);

    private static void check(Model model, Shape input) {
        for (Planning.LayerInput found : Planning.inputs(model.getBlock(), input)) {
            Assert.assertEquals(found.layer().getPlannerOptions(), OPTIONS, found.path());
        }
    }

    @Test
    public void aSpecificationHandsThemToEveryLayer() {
        ResNetSpec spec =
                ResNetSpec.parse("tr_resnet20_r4")
                        .withImage(new Shape(1, 16, 16))
                        .withPlannerOptions(OPTIONS);
        Assert.assertEquals(ResNetSpec.of(spec.toArguments()), spec);
        Assert.assertEquals(spec.withRank(5).planner(), OPTIONS);
        Assert.assertEquals(spec.withSeed(5).withOutSize(3).planner(), OPTIONS);
        try (Model model = TcnnZoo.create(spec)) {
            check(model, spec.inputShape());
            Assert.assertEquals(
                    Planning.inputs(model.getBlock(), spec.inputShape()).size(), 20, "layers");
        }
    }

    @Test
    public void aUrlSaysThemToo() throws Exception {
        try (ZooModel<NDList, NDList> model =
                        Criteria.builder()
                                .setTypes(NDList.class, NDList.class)
                                .optModelUrls(
                                        "tcnn://tk2_resnet20?rank=4&channels=1&height=16"
                                                + "&width=16&objective=memory&keptBytes=1048576")
                                .optTranslator(new NoopTranslator())
                                .build()
                                .loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor();
                NDManager manager = NDManager.newBaseManager()) {
            check(model, new Shape(1, 1, 16, 16));
            NDList output = predictor.predict(new NDList(manager.ones(new Shape(2, 1, 16, 16))));
            Assert.assertEquals(output.head().getShape(), new Shape(2, 10));
            output.close();
        }
    }

    @Test
    public void wrongOnesAreRefused() {
        Map<String, Object> arguments = new HashMap<>(ResNetSpec.parse("resnet20").toArguments());
        arguments.put("objective", "speed");
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> ResNetSpec.of(arguments));
        Assert.assertTrue(e.getMessage().contains("[time, macs, memory]"), e.getMessage());
        IllegalArgumentException unknown =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                Criteria.builder()
                                        .setTypes(NDList.class, NDList.class)
                                        .optModelUrls("tcnn://tr_resnet20?memorylimit=5")
                                        .build());
        Assert.assertTrue(unknown.getMessage().contains("memoryLimit"), unknown.getMessage());
    }
}
