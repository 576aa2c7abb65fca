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

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.contraction.internal.execution.MemoryLayouts;
import io.github.djltcnn.contraction.internal.execution.StackedContraction;
import io.github.djltcnn.contraction.internal.execution.WeightProgram;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Layout;
import io.github.djltcnn.network.RandomNetworks;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Cores contracted together with those of other layers give what they give alone. */
public class StackedContractionTest {

    private static final int NETWORKS = 100;
    private static final int LAYERS = 3;
    private static final double TOLERANCE = 1e-10;

    private static final TensorNetwork RING =
            TensorNetwork.parse("r0=2 i=4 r1=2, r1 h=3 w=3 r2=2, r2 o=4 r0");
    private static final TensorNetwork TRAIN =
            TensorNetwork.parse("i=4 r1=2, r1 h=3 w=3 r2=2, r2 o=4");

    /** On random networks, for all plans: every output and the gradient of every core. */
    @Test
    public void layersContractedTogetherAreAsAlone() {
        long seed = Long.getLong("seed", 20261124L); // -Dseed=.. tries others
        Random random = new Random(seed);
        for (int n = 0; n < NETWORKS; n++) {
            TensorNetwork network = RandomNetworks.next(random, 2);
            while (network.denseParameterCount() > 5000) {
                network = RandomNetworks.next(random, 2);
            }
            ConvolutionGeometry geometry = ConvolutionGeometry.of(network.kernelShape(2));
            Shape kernel = geometry.kernel();
            Shape input =
                    new Shape(2, network.inputChannels(), kernel.get(0) + 1, kernel.get(1) + 2);
            Set<WeightProgram> seen = new HashSet<>();
            for (ContractionPlan plan : Plans.of(network, geometry, input)) {
                if (seen.add(plan.program())) {
                    check(plan, network, "seed " + seed + ", network " + n + ", " + network);
                }
            }
        }
    }

    private static void check(ContractionPlan plan, TensorNetwork network, String what) {
        try (NDManager model = NDManager.newBaseManager();
                NDManager data = NDManager.newBaseManager()) {
            List<NDList> layers = new ArrayList<>();
            for (int layer = 0; layer < LAYERS; layer++) {
                layers.add(cores(network, model));
            }
            NDArray x = data.randomNormal(plan.inputShape(), DataType.FLOAT64);
            List<NDArray> alone = new ArrayList<>();
            for (NDList cores : layers) {
                alone.addAll(results(plan, x, List.of(cores), false));
            }
            List<NDArray> together = results(plan, x, layers, true);
            Assert.assertEquals(together.size(), alone.size(), what);
            // Alone: output and gradients layer by layer; together the same in another order.
            int perLayer = alone.size() / LAYERS;
            for (int layer = 0; layer < LAYERS; layer++) {
                close(together.get(layer), alone.get(layer * perLayer), what + ", output");
                for (int core = 1; core < perLayer; core++) {
                    close(
                            together.get(LAYERS + layer * (perLayer - 1) + core - 1),
                            alone.get(layer * perLayer + core),
                            what + ", gradient of core " + core);
                }
            }
        }
    }

    /** The outputs of layers for one input, then the gradients of all their cores. */
    private static List<NDArray> results(
            ContractionPlan plan, NDArray x, List<NDList> layers, boolean together) {
        NDManager data = x.getManager();
        NDArray lying = MemoryLayouts.lay(x, plan.inputLayout());
        List<NDArray> results = new ArrayList<>();
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDList sums = new NDList();
            try (NDManager scope = data.newSubManager()) {
                List<List<NDArray>> weights =
                        together
                                ? new StackedContraction(plan.program(), layers.size())
                                        .run(layers, scope)
                                : null;
                if (together) {
                    int numWeights = plan.program().numWeights();
                    Assert.assertEquals(
                            scope.getManagedArrays().size(), layers.size() * numWeights);
                }
                for (int n = 0; n < layers.size(); n++) {
                    NDArray y =
                            together
                                    ? plan.execute(lying, layers.get(n), weights.get(n), null)
                                    : plan.execute(lying, layers.get(n), null);
                    results.add(y);
                    sums.add(y.square().sum());
                }
            }
            NDArray total = sums.head();
            for (NDArray sum : sums.subNDList(1)) {
                total = total.add(sum);
            }
            collector.backward(total);
        }
        for (NDList cores : layers) {
            for (NDArray core : cores) {
                NDArray gradient = core.getGradient();
                NDArray copy = data.create(gradient.toDoubleArray(), gradient.getShape());
                results.add(copy);
                gradient.subi(copy);
            }
        }
        return results;
    }

    private static NDList cores(TensorNetwork network, NDManager manager) {
        NDList cores = new NDList();
        for (Core core : network.cores()) {
            NDArray array = manager.randomNormal(core.shape(), DataType.FLOAT64);
            array.setRequiresGradient(true);
            cores.add(array);
        }
        return cores;
    }

    private static void close(NDArray actual, NDArray expected, String what) {
        close(actual, expected, TOLERANCE, what);
    }

    private static void close(NDArray actual, NDArray expected, double tolerance, String what) {
        Assert.assertEquals(actual.getShape(), expected.getShape(), what);
        double scale = number(expected.abs().max());
        double difference = number(actual.sub(expected).abs().max());
        Assert.assertTrue(
                difference <= tolerance * Math.max(scale, Double.MIN_NORMAL),
                what + ": " + difference + " of " + scale);
    }

    private static double number(NDArray scalar) {
        return scalar.toType(DataType.FLOAT64, false).getDouble();
    }

    private static ContractionEngine engine(TensorNetwork network) {
        return ContractionEngine.create(network, ConvolutionGeometry.of(new Shape(3, 3)));
    }

    private static ContractedWeights.Layer layer(
            ContractionEngine engine, Shape expected, NDManager manager) {
        NDList cores = new NDList();
        engine.planner()
                .network()
                .cores()
                .forEach(core -> cores.add(manager.randomNormal(core.shape())));
        return new ContractedWeights.Layer(cores, expected);
    }

    /** Layers of a kind are contracted together in the first pass, and for any batch. */
    @Test
    public void firstPassContractsLayersOfAKindTogether() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<ContractionEngine, ContractedWeights.Layer> layers = new LinkedHashMap<>();
            for (TensorNetwork network : List.of(RING, TRAIN, RING, RING)) {
                ContractionEngine engine = engine(network);
                layers.put(engine, layer(engine, new Shape(8, 4, 16, 16), manager));
            }
            List<ContractionEngine> engines = List.copyOf(layers.keySet());
            Set<ContractionEngine> rings = Set.of(engines.get(0), engines.get(2), engines.get(3));
            // As expected; of another batch, and of another size too, by which all layers differ.
            for (Shape input :
                    List.of(
                            new Shape(8, 4, 16, 16),
                            new Shape(32, 4, 16, 16),
                            new Shape(8, 4, 20, 24))) {
                NDArray x = manager.randomNormal(input);
                ContractionPlan plan = engines.get(0).planner().plan(input, true);
                Assert.assertTrue(plan.program().hasProducts(), "input " + input);
                ContractedWeights ahead = new ContractedWeights(layers, manager);
                Assert.assertEquals(ahead.contracted(), Set.of());
                for (ContractionEngine engine : engines) {
                    NDList cores = layers.get(engine).cores();
                    NDArray actual = engine.train(x, cores, null, ahead);
                    Assert.assertEquals(ahead.contracted(), rings, "input " + input);
                    NDArray expected = engine.train(x, cores, null, null);
                    close(actual, expected, 1e-5, "input " + input);
                }
            }
        }
    }

    /** What is expected decides what is contracted together, never what comes out. */
    @Test
    public void otherInputsThanExpectedGiveRightResults() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ContractionEngine first = engine(RING);
            ContractionEngine second = engine(RING);
            ContractionEngine wide = engine(RING);
            ContractionEngine open = engine(RING);
            Map<ContractionEngine, ContractedWeights.Layer> layers = new LinkedHashMap<>();
            layers.put(first, layer(first, new Shape(8, 4, 16, 16), manager));
            layers.put(second, layer(second, new Shape(8, 4, 16, 16), manager));
            layers.put(wide, layer(wide, new Shape(1, 4, 3, 400), manager));
            layers.put(open, layer(open, new Shape(8, 4, -1, -1), manager));
            ContractedWeights ahead = new ContractedWeights(layers, manager);
            // The layout, the shape and the order of the layers are none that was expected.
            NDArray x = manager.randomNormal(new Shape(8, 4, 16, 16));
            NDArray lying = MemoryLayouts.lay(x, Layout.CHANNELS_LAST);
            NDArray small = manager.randomNormal(new Shape(1, 4, 3, 3));
            for (ContractionEngine engine : List.of(second, open, first, wide, second)) {
                for (NDArray input : List.of(lying, small, x)) {
                    NDList cores = layers.get(engine).cores();
                    NDArray actual = engine.train(input, cores, null, ahead);
                    NDArray expected = engine.train(input, cores, null, null);
                    close(actual, expected, 1e-5, "layer " + layers.get(engine).expected());
                }
            }
            Assert.assertTrue(ahead.contracted().containsAll(Set.of(first, second)));
            // A layer that the pass does not know is on its own.
            ContractionEngine stranger = engine(RING);
            NDList cores = layer(stranger, x.getShape(), manager).cores();
            Assert.assertEquals(
                    stranger.train(x, cores, null, ahead).toFloatArray(),
                    stranger.train(x, cores, null, null).toFloatArray());
        }
    }

    @Test
    public void coresOfAnotherNetworkAreRefused() {
        ContractionEngine engine = engine(RING);
        try (NDManager manager = NDManager.newBaseManager()) {
            ContractedWeights.Layer layer = layer(engine, new Shape(8, 4, 16, 16), manager);
            layer.cores().set(1, manager.ones(new Shape(2, 3, 3, 3)));
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> new ContractedWeights(Map.of(engine, layer), manager));
            Assert.assertTrue(e.getMessage().startsWith("Core 2 of"), e.getMessage());
        }
    }
}
