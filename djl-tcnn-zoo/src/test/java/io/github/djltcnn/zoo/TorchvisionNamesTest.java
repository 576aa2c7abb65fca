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

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import io.github.djltcnn.models.WeightImport;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Weights with torchvision's names, in files that DJL writes. */
public class TorchvisionNamesTest {

    @DataProvider
    public Object[][] networks() {
        return new Object[][] {
            {18, new int[] {2, 2, 2, 2}, 2},
            {34, new int[] {3, 4, 6, 3}, 2},
            {50, new int[] {3, 4, 6, 3}, 3},
        };
    }

    /** The names, written down from the definition of torchvision's ResNet. */
    private static List<String> names(int[] units, int convolutions) {
        List<String> names = new ArrayList<>(List.of("conv1.weight", "fc.weight", "fc.bias"));
        names.addAll(norm("bn1"));
        for (int layer = 1; layer <= 4; layer++) {
            for (int unit = 0; unit < units[layer - 1]; unit++) {
                String path = "layer" + layer + "." + unit + ".";
                for (int n = 1; n <= convolutions; n++) {
                    names.add(path + "conv" + n + ".weight");
                    names.addAll(norm(path + "bn" + n));
                }
                if (unit == 0 && (layer > 1 || convolutions == 3)) {
                    names.add(path + "downsample.0.weight");
                    names.addAll(norm(path + "downsample.1"));
                }
            }
        }
        return names;
    }

    private static List<String> norm(String path) {
        return List.of(
                path + ".weight", path + ".bias", path + ".running_mean", path + ".running_var");
    }

    private static Block net(NDManager manager, int layers) {
        Block net = TensorialResNet.imageNet(layers).setOutSize(5).build();
        net.setInitializer((m, shape, type) -> m.zeros(shape, type), p -> true);
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
        return net;
    }

    private static String path(String key) {
        // DJL joins keys by underscores and numbers them.
        return key.replaceAll("(^|_)\\d\\d", ".").substring(1).replaceFirst("_([^_]*)$", ".$1");
    }

    @Test(dataProvider = "networks")
    public void namesAreThoseOfTorchvision(int layers, int[] units, int convolutions) {
        try (NDManager manager = NDManager.newBaseManager()) {
            TreeSet<String> found = new TreeSet<>();
            for (Pair<String, Parameter> p : net(manager, layers).getParameters()) {
                Assert.assertTrue(
                        found.add(
                                new TorchvisionNames()
                                        .fileName(path(p.getKey()), p.getValue().getType())),
                        p.getKey());
            }
            Assert.assertEquals(found, new TreeSet<>(names(units, convolutions)));
        }
    }

    @Test
    public void weightsComeInOrAllThatIsWrongIsListed() throws Exception {
        Path file = Files.createTempFile("weights", ".safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            Block source = net(manager, 18);
            NDList weights = new NDList();
            for (Pair<String, Parameter> p : source.getParameters()) {
                NDArray values = manager.randomUniform(0.5f, 1f, p.getValue().getShape());
                values.setName(
                        new TorchvisionNames().fileName(path(p.getKey()), p.getValue().getType()));
                weights.add(values);
            }
            NDArray ignored = manager.create(new long[] {7}, new Shape(1));
            ignored.setName("bn1.num_batches_tracked");
            weights.add(ignored);
            write(file, weights);

            Block target = net(manager, 18);
            WeightImport.fromSafetensors(target, file, new TorchvisionNames());
            List<Parameter> parameters = target.getParameters().values();
            for (int n = 0; n < parameters.size(); n++) {
                Assert.assertTrue(parameters.get(n).getArray().contentEquals(weights.get(n)));
            }

            weights.remove(3).close();
            NDArray wrong = manager.ones(new Shape(2));
            wrong.setName(weights.remove(0).getName());
            weights.add(wrong);
            NDArray stranger = manager.ones(new Shape(1));
            stranger.setName("layer9.weight");
            weights.add(stranger);
            write(file, weights);
            Block other = net(manager, 18);
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () ->
                                    WeightImport.fromSafetensors(
                                            other, file, new TorchvisionNames()));
            Assert.assertTrue(
                    e.getMessage().contains("Missing: [bn1.running_mean]"), e.getMessage());
            Assert.assertTrue(
                    e.getMessage().contains("[conv1.weight (2) instead of (64, 3, 7, 7)]"),
                    e.getMessage());
            Assert.assertTrue(
                    e.getMessage()
                            .endsWith(
                                    "unexpected: [layer9.weight]. Parameters that are to stay as they are can be"
                                            + " skipped, names of the file that are of no use ignored by the NameMap"),
                    e.getMessage());
            float sum = other.getParameters().get(0).getValue().getArray().sum().getFloat();
            Assert.assertEquals(sum, 0f); // untouched

            byte[] bytes = Files.readAllBytes(file);
            for (int length : new int[] {0, 5, 8, 100, bytes.length - 1}) {
                Files.write(file, Arrays.copyOf(bytes, length));
                Assert.assertThrows(
                        MalformedModelException.class,
                        () -> WeightImport.fromSafetensors(other, file, new TorchvisionNames()));
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void write(Path file, NDList weights) throws Exception {
        try (OutputStream os = Files.newOutputStream(file)) {
            weights.encode(os, NDList.Encoding.SAFETENSORS);
        }
    }
}
