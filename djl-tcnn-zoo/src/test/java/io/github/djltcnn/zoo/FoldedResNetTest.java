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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.batchnorm.BatchNormFolding;
import io.github.djltcnn.models.TensorialModels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Batch normalisations of the zoo's networks, shortcuts included, fold into their convolutions. */
public class FoldedResNetTest {

    private static final Shape IMAGE = new Shape(3, 32, 32);

    @DataProvider
    public Object[][] networks() {
        return new Object[][] {
            {"tr_resnet18_r4"}, {"resnet18"}, {"tk2_resnet20_r4"}, {"tt_resnet20_r4"}, {"resnet20"}
        };
    }

    @Test(dataProvider = "networks")
    public void aFoldedNetworkComputesTheSame(String name) throws Exception {
        ResNetSpec spec = ResNetSpec.parse(name).withOutSize(10).withImage(IMAGE).withSeed(5);
        Path folder = Files.createTempDirectory("folded-resnet").resolve(name);
        try (Model model = TcnnZoo.create(spec);
                NDManager own = NDManager.newBaseManager()) {
            shakeNorms(model);
            NDArray x = own.randomNormal(new Shape(2).addAll(IMAGE));
            NDArray expected = forward(model, x);
            try (Model folded = BatchNormFolding.fold(model)) {
                Assert.assertTrue(
                        folded.getBlock().getParameters().keys().stream()
                                .noneMatch(key -> key.contains("running")),
                        "all normalisations fold");
                close(forward(folded, x), expected);
                TensorialModels.save(folded, folder);
            }
            try (Model loaded = TensorialModels.load(folder)) {
                close(forward(loaded, x), expected);
            }
            Assert.assertEquals(forward(model, x), expected, "the model itself is as it was");
        }
    }

    /** Statistics and factors as a training leaves them, unlike those of a fresh network. */
    private static void shakeNorms(Model model) {
        model.getBlock()
                .getParameters()
                .forEach(
                        entry -> {
                            if (entry.getValue().getShape().dimension() == 1) {
                                NDArray array = entry.getValue().getArray();
                                try (NDArray noise =
                                        array.getManager()
                                                .randomUniform(0.5f, 1.5f, array.getShape())) {
                                    noise.copyTo(array);
                                }
                            }
                        });
    }

    private static NDArray forward(Model model, NDArray x) {
        ParameterStore store = new ParameterStore(model.getNDManager(), false);
        return model.getBlock().forward(store, new NDList(x), false).singletonOrThrow();
    }

    private static void close(NDArray found, NDArray expected) {
        float scale = expected.abs().max().getFloat();
        float off = found.sub(expected).abs().max().getFloat();
        Assert.assertTrue(off <= 1e-5 * scale, off + " off, values go to " + scale);
    }
}
