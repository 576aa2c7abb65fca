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
package io.github.djltcnn.network;

import ai.djl.ndarray.types.Shape;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Nominal fans against their closed forms, exact ones against counting. */
public class FansTest {

    /** The closed forms, with C = 6 input and T = 10 output channels and a 3 x 3 kernel. */
    @DataProvider
    public Object[][] closedForms() {
        int c = 6 * 9;
        int t = 10 * 9;
        return new Object[][] {
            {"o=10 i=6 h=3 w=3", c, t},
            {"i=6 r=4, h=3 r, w=3 r, o=10 r", c * 4, t * 4},
            {"i=6 r=4, h=3 w=3 r, o=10 r", c * 4, t * 4},
            {"i=6 r1=4, r1 r2=5 h=3 w=3, r2 o=10", c * 20, t * 20},
            {"i1=3 r1=2, r1 i2=2 r2=3, r2 h=3 w=3 r3=4, r3 o=10", c * 24, t * 24},
            {"r0=2 i=6 r1=3, r1 h=3 w=3 r2=4, r2 o=10 r0", c * 24, t * 24},
            {"i=6 r=4, r h=3 w=3, r o=10", c * 4, t * 4},
            {"rb=3 i=6 r1=4, rb r1 r2=5 h=3 w=3, rb r2 o=10", c * 60, t * 60},
            {"g=2 o=5 i=3 h=3 w=3", c / 2, t / 2},
            {"g=6 h=3 w=3", 9, 9},
        };
    }

    @Test(dataProvider = "closedForms")
    public void nominalFansAreTheClosedForms(String notation, int in, int out) {
        Assert.assertEquals(
                Fans.nominal(TensorNetwork.parse(notation)), new Fans(in, out), notation);
    }

    @Test
    public void exactFansCountLiveTaps() {
        TensorNetwork network = TensorNetwork.parse("i=6 r=4, r h=3 w=3, r o=10");
        ConvolutionGeometry same =
                new ConvolutionGeometry(
                        new Shape(3, 3), new Shape(1, 1), new Shape(1, 1), new Shape(1, 1));
        double window = 3 - 2 / 8d;
        Fans exact = Fans.exact(network, same, new Shape(8, 8));
        Assert.assertEquals(exact.in(), 24 * window * window, 1e-9);
        Assert.assertEquals(exact.out(), 40 * window * window, 1e-9);
        ConvolutionGeometry strided =
                new ConvolutionGeometry(
                        new Shape(3, 3), new Shape(2, 2), new Shape(0, 0), new Shape(1, 1));
        Fans backward = Fans.exact(network, strided, new Shape(7, 7));
        Assert.assertEquals(backward.in(), 24 * 9, 1e-9);
        Assert.assertEquals(backward.out(), 40 * 81 / 49d, 1e-9);
    }
}
