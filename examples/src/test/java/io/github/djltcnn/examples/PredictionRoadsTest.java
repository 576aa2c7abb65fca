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
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.JsonUtils;
import io.github.djltcnn.examples.data.FashionMnist;
import io.github.djltcnn.examples.data.LabelledImages;
import io.github.djltcnn.models.TensorialModels;
import io.github.djltcnn.testing.files.Folders;
import io.github.djltcnn.zoo.ResNetTranslatorFactory;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * The model that ships gives the probabilities of a pass over arrays by every way to load it, with
 * every type of input: none loses the normalisation, the labels, the size or grey and colour.
 */
public class PredictionRoadsTest {

    private static final String NAME = "resnet20_fashionmnist";

    /** So many images tell that the answers on arrays are right. */
    private static final int COUNT = 100;

    /** So many are asked for by every road: each has its answer, and is unlike the others. */
    private static final int ASKED = 15;

    private static final Map<String, Class<?>> TYPES =
            Map.of(
                    "image", Image.class,
                    "path", Path.class,
                    "url", URL.class,
                    "stream", InputStream.class,
                    "input", Input.class,
                    "pixels", NDList.class,
                    "bytes", NDList.class);

    private LabelledImages images;
    private List<Path> files;
    private float[][] expected;
    private Path root;
    private Path folder;

    @BeforeClass
    public void predictOnArrays() throws Exception {
        root = Files.createTempDirectory("roads");
        folder = root.resolve("model");
        images = FashionMnist.subset().test().head(COUNT);
        files = new ArrayList<>();
        for (int i = 0; i < ASKED; i++) {
            Path file = root.resolve(i + ".png");
            Files.write(file, png(images.image(i)));
            files.add(file);
        }
        expected = new float[COUNT][];
        int right = 0;
        try (Model model = TcnnZoo.load(NAME);
                NDManager manager = model.getNDManager().newSubManager()) {
            TensorialModels.save(model, folder);
            NDArray scores =
                    model.getBlock()
                            .forward(
                                    new ParameterStore(manager, false),
                                    new NDList(images.toPixels(manager)),
                                    false)
                            .singletonOrThrow()
                            .softmax(1);
            for (int i = 0; i < COUNT; i++) {
                expected[i] = scores.get(i).toFloatArray();
                right += scores.get(i).argMax().getLong() == images.label(i) ? 1 : 0;
            }
        }
        Assert.assertTrue(right > 0.9 * COUNT, right + " of " + COUNT + " right");
    }

    private static byte[] png(Image image) throws IOException {
        ByteArrayOutputStream os = new ByteArrayOutputStream();
        image.save(os, "png");
        return os.toByteArray();
    }

    @AfterClass(alwaysRun = true)
    public void deleteFiles() throws IOException {
        Folders.delete(root);
    }

    @DataProvider
    public Object[][] roads() {
        List<Object[]> all = new ArrayList<>();
        String[] roads = {
            "folder", "folderOurFactory", "folderDjlFactory", "zoo", "url", "byName", "load"
        };
        for (String road : roads) {
            for (String type : new TreeMap<>(TYPES).keySet()) {
                boolean arrays = TYPES.get(type) == NDList.class;
                if (!arrays || !road.endsWith("Factory")) {
                    all.add(new Object[] {road, type});
                }
            }
        }
        return all.toArray(Object[][]::new);
    }

    @Test(dataProvider = "roads")
    public void everyRoadGivesTheSameAnswers(String road, String type) throws Exception {
        compare(road, type);
    }

    @DataProvider
    public Object[][] ownRoads() {
        return new Object[][] {
            {"zoo", "image"}, {"zoo", "pixels"}, {"byName", "image"}, {"load", "path"}
        };
    }

    /**
     * A thread of a pool may have no class loader: what the library finds by itself works there.
     */
    @Test(dataProvider = "ownRoads")
    public void aThreadWithoutAClassLoaderGivesTheSameAnswers(String road, String type)
            throws Exception {
        List<Throwable> problems = new ArrayList<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                compare(road, type);
                            } catch (Exception | AssertionError e) {
                                problems.add(e);
                            }
                        });
        thread.setContextClassLoader(null);
        thread.start();
        thread.join();
        if (!problems.isEmpty()) {
            throw new AssertionError(problems.get(0));
        }
    }

    private void compare(String road, String type) throws Exception {
        Class<?> input = TYPES.get(type);
        Class<?> output =
                input == NDList.class
                        ? NDList.class
                        : input == Input.class ? Output.class : Classifications.class;
        compare(road, type, input, output);
    }

    private <I, O> void compare(String road, String type, Class<I> input, Class<O> output)
            throws Exception {
        try (Model model = model(road, input, output);
                Predictor<I, O> predictor = predictor(model, input, output)) {
            for (int i = 0; i < ASKED; i++) {
                Object answer = predictor.predict(input.cast(input(type, i, model.getNDManager())));
                check(i, answer);
                if (answer instanceof NDList list) {
                    list.close();
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <I, O> Predictor<I, O> predictor(Model model, Class<I> input, Class<O> output) {
        return model instanceof ZooModel<?, ?> zoo
                ? ((ZooModel<I, O>) zoo).newPredictor()
                : model.newPredictor(TensorialModels.translator(model, input, output));
    }

    private <I, O> Model model(String road, Class<I> input, Class<O> output) throws Exception {
        Criteria.Builder<I, O> criteria = Criteria.builder().setTypes(input, output);
        TranslatorFactory own = new ResNetTranslatorFactory();
        TranslatorFactory djl = new ImageClassificationTranslatorFactory();
        return switch (road) {
            case "folder" -> criteria.optModelPath(folder).build().loadModel();
            case "folderOurFactory" ->
                    criteria.optModelPath(folder).optTranslatorFactory(own).build().loadModel();
            case "folderDjlFactory" ->
                    criteria.optModelPath(folder).optTranslatorFactory(djl).build().loadModel();
            case "zoo" ->
                    criteria.optGroupId(TcnnZoo.GROUP_ID)
                            .optArtifactId("resnet")
                            .optFilter("dataset", "fashionmnist")
                            .build()
                            .loadModel();
            case "url" -> criteria.optModelUrls("tcnn://" + NAME).build().loadModel();
            case "byName" -> TcnnZoo.load(NAME);
            default -> TensorialModels.load(folder);
        };
    }

    private Object input(String type, int i, NDManager manager) throws IOException {
        return switch (type) {
            case "image" -> images.image(i);
            case "path" -> files.get(i);
            case "url" -> files.get(i).toUri().toURL();
            case "stream" -> Files.newInputStream(files.get(i));
            case "input" -> {
                Input input = new Input();
                input.add("data", Files.readAllBytes(files.get(i)));
                yield input;
            }
            default -> array(type, i, manager);
        };
    }

    private NDList array(String type, int i, NDManager manager) {
        int[] argb = new int[28 * 28];
        var picture = (java.awt.image.BufferedImage) images.image(i).getWrappedImage();
        picture.getRGB(0, 0, 28, 28, argb, 0, 28);
        byte[] grey = new byte[argb.length];
        float[] scaled = new float[argb.length];
        for (int n = 0; n < argb.length; n++) {
            grey[n] = (byte) argb[n];
            scaled[n] = Byte.toUnsignedInt(grey[n]) / 255f;
        }
        if ("pixels".equals(type)) {
            return new NDList(manager.create(scaled, new Shape(1, 1, 28, 28)));
        }
        NDArray array = manager.create(new Shape(1, 1, 28, 28), DataType.UINT8);
        array.set(java.nio.ByteBuffer.wrap(grey));
        return new NDList(array);
    }

    private void check(int i, Object answer) {
        if (answer instanceof NDList list) {
            // Arrays are what the network gives: scores.
            assertClose(i, list.singletonOrThrow().softmax(1).toFloatArray());
        } else if (answer instanceof Classifications classes) {
            Assert.assertEquals(classes.getClassNames(), FashionMnist.CLASSES);
            float[] found = new float[10];
            for (int c = 0; c < 10; c++) {
                found[c] = classes.getProbabilities().get(c).floatValue();
            }
            assertClose(i, found);
        } else {
            Answer[] best =
                    JsonUtils.GSON.fromJson(
                            ((Output) answer).getData().getAsString(), Answer[].class);
            for (Answer one : best) {
                int c = FashionMnist.CLASSES.indexOf(one.className);
                Assert.assertEquals(one.probability, expected[i][c], 1e-3f, "image " + i);
            }
        }
    }

    /** A line of what a server answers. */
    private record Answer(String className, float probability) {}

    private void assertClose(int i, float[] found) {
        for (int c = 0; c < 10; c++) {
            Assert.assertEquals(found[c], expected[i][c], 1e-3f, "image " + i + ", class " + c);
        }
    }
}
