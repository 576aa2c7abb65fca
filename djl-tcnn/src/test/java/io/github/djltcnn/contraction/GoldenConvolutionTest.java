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
package io.github.djltcnn.contraction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Fans;
import io.github.djltcnn.network.TensorNetwork;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Thirty convolutions made from the definition alone: cores, input and bias hold closed-form
 * values, and the file states sums and entries of the output. Every order must meet them.
 */
public class GoldenConvolutionTest {

    private static final Gson GSON =
            new GsonBuilder()
                    .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
                    .create();

    /** One case of the file. */
    private static final class Case {
        String name;
        String network;
        long[] input;
        long[] stride;
        long[] padding;
        long[] dilation;
        boolean bias;
        Output output;
        FanNumbers fans;

        TensorNetwork parse() {
            return TensorNetwork.parse(network);
        }

        ConvolutionGeometry geometry() {
            return new ConvolutionGeometry(
                    parse().kernelShape(stride.length),
                    new Shape(stride),
                    new Shape(padding),
                    new Shape(dilation));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** What the file says of an output. */
    private static final class Output {
        long[] shape;
        double sum;
        double absSum;
        double sqSum;
        double[] head;
        double[] tail;
    }

    /** What the file says of the fans. */
    private static final class FanNumbers {
        double fanInNominal;
        double fanOutNominal;
        double fanInExact;
        double fanOutExact;
    }

    private static final class Golden {
        List<Case> cases;
    }

    @DataProvider
    public Object[] cases() throws IOException {
        try (Reader reader =
                new InputStreamReader(
                        GoldenConvolutionTest.class.getResourceAsStream("/golden/conv.json"),
                        StandardCharsets.UTF_8)) {
            Object[] cases = GSON.fromJson(reader, Golden.class).cases.toArray();
            Assert.assertEquals(cases.length, 30);
            return cases;
        }
    }

    @Test(dataProvider = "cases")
    public void everyOrderMeetsTheFileInDouble(Object c) {
        everyOrderMeetsTheFile((Case) c, DataType.FLOAT64, 1e-9);
    }

    @Test(dataProvider = "cases")
    public void everyOrderMeetsTheFileInFloat(Object c) {
        everyOrderMeetsTheFile((Case) c, DataType.FLOAT32, 1e-4);
    }

    @Test(dataProvider = "cases")
    public void fansAreThoseOfTheFile(Object c) {
        Case golden = (Case) c;
        Fans nominal = Fans.nominal(golden.parse());
        Assert.assertEquals(nominal.in(), golden.fans.fanInNominal, 0);
        Assert.assertEquals(nominal.out(), golden.fans.fanOutNominal, 0);
        Fans exact =
                Fans.exact(golden.parse(), golden.geometry(), new Shape(golden.input).slice(2));
        Assert.assertEquals(exact.in(), golden.fans.fanInExact, 1e-9 * exact.in());
        Assert.assertEquals(exact.out(), golden.fans.fanOutExact, 1e-9 * exact.out());
    }

    private static void everyOrderMeetsTheFile(Case golden, DataType dataType, double tolerance) {
        TensorNetwork network = golden.parse();
        Shape inputShape = new Shape(golden.input);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = fill(manager, inputShape, dataType, i -> Math.cos(0.3 * i));
            NDList cores = new NDList();
            for (Core core : network.cores()) {
                int k = cores.size() + 1;
                cores.add(fill(manager, core.shape(), dataType, i -> Math.sin(0.7 * i + k)));
            }
            NDArray bias = null;
            if (golden.bias) {
                Shape channels = new Shape(network.outputChannels());
                bias = fill(manager, channels, dataType, i -> Math.sin(0.7 * i + 99));
            }
            for (ContractionPlan plan : Plans.of(network, golden.geometry(), inputShape)) {
                NDArray y = plan.execute(MemoryLayouts.lay(x, plan.inputLayout()), cores, bias);
                Assert.assertEquals(y.getShape(), new Shape(golden.output.shape));
                Assert.assertEquals(y.getShape(), plan.outputShape());
                check(golden.output, y.toType(DataType.FLOAT64, true), tolerance);
            }
        }
    }

    private static void check(Output golden, NDArray y, double tolerance) {
        double[] values = y.toDoubleArray();
        double scale = Math.sqrt(golden.sqSum / values.length);
        double sum = 0;
        double absoluteSum = 0;
        double squareSum = 0;
        for (double value : values) {
            sum += value;
            absoluteSum += Math.abs(value);
            squareSum += value * value;
        }
        Assert.assertEquals(sum, golden.sum, tolerance * golden.absSum);
        Assert.assertEquals(absoluteSum, golden.absSum, tolerance * golden.absSum);
        Assert.assertEquals(squareSum, golden.sqSum, tolerance * golden.sqSum);
        // The file rounds these to ten digits behind the point.
        double entry = Math.max(tolerance * scale, 1e-10);
        for (int n = 0; n < golden.head.length; n++) {
            Assert.assertEquals(values[n], golden.head[n], entry);
        }
        for (int n = 0; n < golden.tail.length; n++) {
            int at = values.length - golden.tail.length + n;
            Assert.assertEquals(values[at], golden.tail[n], entry);
        }
    }

    private static NDArray fill(
            NDManager manager, Shape shape, DataType dataType, DoubleUnaryOperator value) {
        double[] values = new double[Math.toIntExact(shape.size())];
        for (int n = 0; n < values.length; n++) {
            values[n] = value.applyAsDouble(n);
        }
        return manager.create(values, shape).toType(dataType, false);
    }
}
