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

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.djltcnn.examples.data.ColourImages;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.models.ModelInfo;
import io.github.djltcnn.models.NameMap;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.models.WeightImport;
import io.github.djltcnn.zoo.TcnnZoo;
import io.github.djltcnn.zoo.TensorialResNet;
import io.github.djltcnn.zoo.TorchvisionNames;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A trained ResNet-20 and images for it: the zoo's on Fashion-MNIST, one of others on CIFAR-10
 * whose weights are a safetensors file, or a saved folder with a folder of colour images.
 *
 * @param name what rows of a table call it
 * @param train images without labels, as the model takes them
 * @param test images to test on
 * @param labels the classes of the test images
 * @param source loads the model anew
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TrainedNetwork(String name, NDArray train, NDArray test, int[] labels, Source source) {

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
    private static final int SIZE = 32;

    /** Loads a model. */
    @FunctionalInterface
    interface Source {
        Model load() throws Exception;
    }

    /** A new copy of the model. */
    Model load() throws Exception {
        return source.load();
    }

    static TrainedNetwork fashion(NDManager manager, int train, int test) throws Exception {
        FashionMnist data = FashionMnist.subset();
        LabelledImages tests = data.test().head(test);
        int[] labels = new int[tests.count()];
        Arrays.setAll(labels, tests::label);
        return new TrainedNetwork(
                "fashion",
                data.train().head(train).toPixels(manager),
                tests.toPixels(manager),
                labels,
                () -> TcnnZoo.load("resnet20_fashionmnist"));
    }

    /** Weights of a CIFAR ResNet-20 with the names of PyTorch; it takes normalised images. */
    static TrainedNetwork ofWeights(
            NDManager manager, Path weights, Path images, int train, int test) throws Exception {
        return colours(
                manager, "cifar", images, train, test, MEAN, DEVIATION, () -> cifar(weights));
    }

    /** A folder of {@code TensorialModels.save}; its model normalises pixels itself. */
    static TrainedNetwork ofFolder(NDManager manager, Path folder, Path images, int train, int test)
            throws Exception {
        float[] zeros = new float[MEAN.length];
        float[] ones = new float[MEAN.length];
        Arrays.fill(ones, 1);
        String name = ModelInfo.read(folder).name();
        return colours(
                manager,
                name,
                images,
                train,
                test,
                zeros,
                ones,
                () -> TensorialModels.load(folder));
    }

    private static TrainedNetwork colours(
            NDManager manager,
            String name,
            Path images,
            int train,
            int test,
            float[] mean,
            float[] deviation,
            Source source)
            throws Exception {
        ColourImages tests = ColourImages.read(images.resolve("test"), test, SIZE);
        int[] labels = new int[tests.count()];
        Arrays.setAll(labels, tests::label);
        return new TrainedNetwork(
                name,
                ColourImages.read(images.resolve("train"), train, SIZE)
                        .toArray(manager, mean, deviation),
                tests.toArray(manager, mean, deviation),
                labels,
                source);
    }

    private static Model cifar(Path weights) throws Exception {
        Model model = Model.newInstance("resnet20");
        Block block = TensorialResNet.cifar(20).setOutSize(10).build();
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, SIZE, SIZE));
        TorchvisionNames torchvision = new TorchvisionNames();
        NameMap names =
                new NameMap() {
                    @Override
                    public String fileName(String path, Parameter.Type type) {
                        return torchvision.fileName(path, type).replaceFirst("^fc\\.", "linear.");
                    }

                    @Override
                    public boolean isIgnored(String fileName) {
                        return torchvision.isIgnored(fileName);
                    }
                };
        WeightImport.fromSafetensors(block, weights, names);
        model.setBlock(block);
        return model;
    }
}
