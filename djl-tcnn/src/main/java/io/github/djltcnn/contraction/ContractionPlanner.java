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

import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the order in which a tensorial convolution is computed. For every input shape it compares
 * all ways to pass the input through pairwise contractions of the cores, contracting the whole
 * kernel first among them. Immutable but for the cache of its plans; may be shared by threads.
 *
 * @since 0.1.0
 */
public final class ContractionPlanner {

    private final TensorNetwork network;
    private final ConvolutionGeometry geometry;
    private final ModeTable table;
    private final MergeSearch merges;
    private final Map<Request, ContractionPlan> plans = new ConcurrentHashMap<>();

    private ContractionPlanner(TensorNetwork network, ConvolutionGeometry geometry) {
        this.network = network;
        this.geometry = geometry;
        if (!geometry.kernel().equals(network.kernelShape(geometry.numDimensions()))) {
            throw new IllegalArgumentException(
                    "The geometry has kernel "
                            + geometry.kernel()
                            + ", the network \""
                            + network
                            + "\" "
                            + network.kernelShape(geometry.numDimensions()));
        }
        table = new ModeTable(network);
        merges = new MergeSearch(table, MergeSearch::macs);
    }

    private record Request(Shape inputShape, boolean training) {}

    /**
     * Creates a planner.
     *
     * @param network the network whose contraction is the kernel
     * @param geometry window, stride, padding and dilation; no dimension for a linear layer
     * @return the planner
     * @throws IllegalArgumentException if the window is not that of the network
     */
    public static ContractionPlanner create(TensorNetwork network, ConvolutionGeometry geometry) {
        return new ContractionPlanner(network, geometry);
    }

    /**
     * Returns the plan for inputs of one shape.
     *
     * @param inputShape (batch, input channels, spatial...); (batch, features) for a linear layer
     * @param training whether gradients will be computed, which costs too
     * @return the plan, the same object for the same request
     * @throws IllegalArgumentException if the input does not fit the network
     */
    public ContractionPlan plan(Shape inputShape, boolean training) {
        return plans.computeIfAbsent(new Request(inputShape, training), this::search);
    }

    /** The plan that contracts the kernel first, then convolves once. */
    ContractionPlan kernelFirst(Shape inputShape) {
        checkInput(inputShape);
        return new ContractionPlan(table, geometry, inputShape, List.of(merges.best()));
    }

    /** The plan that passes the cores one by one where kernel modes allow it. */
    ContractionPlan coreByCore(Shape inputShape) {
        checkInput(inputShape);
        MergeSearch few = new MergeSearch(table, (t, l, r) -> 1e30);
        return new ContractionPlan(
                table, geometry, inputShape, new PathSearch(table, few, (p, n) -> 1).best());
    }

    private ContractionPlan search(Request request) {
        Shape inputShape = request.inputShape();
        checkInput(inputShape);
        PathSearch search =
                new PathSearch(table, merges, (passed, next) -> passMacs(inputShape, passed, next));
        return new ContractionPlan(table, geometry, inputShape, search.best());
    }

    private double passMacs(Shape inputShape, long passed, long next) {
        Sliding sliding = new Sliding(table, geometry, inputShape);
        if (passed != 0) {
            sliding.slide(table.union(passed));
        }
        sliding.slide(table.union(next));
        long modes = table.keptByInput(passed) | table.keptByCores(next);
        return (double) sliding.batch() * sliding.spatial().size() * table.size(modes);
    }

    private void checkInput(Shape inputShape) {
        int dimensions = geometry.numDimensions() + 2;
        if (inputShape.dimension() != dimensions || inputShape.get(1) != network.inputChannels()) {
            throw new IllegalArgumentException(
                    "Expected an input of "
                            + dimensions
                            + " axes with "
                            + network.inputChannels()
                            + " channels on the second, got shape "
                            + inputShape);
        }
    }
}
