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
package io.github.djltcnn.integration;

import ai.djl.Application;
import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import io.github.djltcnn.zoo.TcnnZoo;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.testng.Assert;
import org.testng.annotations.AfterSuite;
import org.testng.annotations.BeforeSuite;
import org.testng.annotations.Test;

/**
 * Nothing of ours opens a connection. Java asks its proxy selector before every connection of its
 * own, so a selector that remembers sees them all, over the whole suite.
 */
public class NoConnectionTest {

    private static final List<URI> ASKED = new CopyOnWriteArrayList<>();

    /** Remembers every address that Java is about to connect to. */
    @BeforeSuite
    public void remember() {
        ProxySelector.setDefault(
                new ProxySelector() {

                    @Override
                    public List<Proxy> select(URI uri) {
                        ASKED.add(uri);
                        return List.of(Proxy.NO_PROXY);
                    }

                    @Override
                    public void connectFailed(URI uri, SocketAddress address, IOException e) {
                        // The address was remembered when it was asked for.
                    }
                });
    }

    /** No test of the suite connected anywhere. */
    @AfterSuite
    public void nothingWasAsked() {
        Assert.assertEquals(ASKED, List.of());
    }

    @Test
    public void theSelectorSeesConnections() throws IOException {
        URI closed = URI.create("http://127.0.0.1:9/");
        Assert.expectThrows(
                IOException.class, () -> closed.toURL().openConnection().getInputStream());
        Assert.assertTrue(ASKED.remove(closed), "the selector must see what it is here for");
    }

    @Test
    public void theZooServesFromTheClassPath() throws Exception {
        Assert.assertTrue(
                ModelZoo.listModelZoo().stream()
                        .anyMatch(zoo -> zoo.getGroupId().equals(TcnnZoo.GROUP_ID)));
        try (Model model = TcnnZoo.create("tr_resnet20_r10", 10, new Shape(1, 28, 28))) {
            Assert.assertEquals(model.getName(), "tr_resnet20_r10");
        }
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optApplication(Application.CV.IMAGE_CLASSIFICATION)
                        .optModelUrls("tcnn://tr_resnet20?rank=4&classes=10")
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel()) {
            Assert.assertNotNull(model.getBlock());
        }
        Assert.assertEquals(ASKED, List.of());
    }
}
