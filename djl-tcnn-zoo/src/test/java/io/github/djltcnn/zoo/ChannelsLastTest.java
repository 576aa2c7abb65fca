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

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import java.util.function.BooleanSupplier;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Where images are turned at the entrance of a network. */
public class ChannelsLastTest {

    @DataProvider
    public Object[][] places() {
        return new Object[][] {
            {3, Device.cpu(), false, false, true},
            {3, Device.cpu(), true, false, true},
            {1, Device.cpu(), false, true, false},
            {3, Device.gpu(), false, true, true},
            {3, Device.gpu(), true, true, false},
            {3, Device.gpu(), false, false, false},
            {1, Device.gpu(), false, true, false},
        };
    }

    @Test(dataProvider = "places")
    public void imagesAreTurnedWhereItPays(
            int channels, Device device, boolean training, boolean dense, boolean turned) {
        BooleanSupplier isDense = () -> dense;
        Shape shape = new Shape(8, channels, 32, 32);
        Assert.assertEquals(ChannelsLast.turns(shape, device, training, isDense), turned);
    }

    @Test
    public void aNetworkIsDenseWithoutTensorialLayers() {
        TensorialResNet dense = TensorialResNet.cifar(8).setOutSize(10).build();
        TensorialResNet head =
                TensorialResNet.cifar(8)
                        .setOutSize(10)
                        .optHeadFormat(TensorFormats.cp(Rank.of(2)))
                        .build();
        Assert.assertTrue(ChannelsLast.isDense(dense));
        Assert.assertFalse(ChannelsLast.isDense(head));
    }
}
