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
package io.github.djltcnn.benchmarks;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * What the contestants of a cell work on, and how one of them runs: twice, the second time timed,
 * so that the memory that it finds free is its own and not that of the one before.
 *
 * <p>The gradient of a result is given in the layout of the result, as a next layer would give it.
 * DJL's collector would make one with channels first, to the disadvantage of all that runs with
 * channels last.
 */
final class LayerBench implements AutoCloseable {

    private final NDManager manager = NDManager.newBaseManager();
    private final boolean training;
    private final NDArray first;
    private final NDArray last;
    private final NDList cores = new NDList();
    private final NDArray dense;

    // By identity: arrays are equal if their numbers are.
    private final Set<NDArray> kept = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Makes random arrays for a cell, of which gradients are taken if training. */
    LayerBench(Cell cell, boolean training) {
        this.training = training;
        TensorNetwork network = cell.network();
        for (Core core : network.cores()) {
            cores.add(leaf(core.shape()));
        }
        Shape shape = cell.inputShape();
        first = leaf(shape);
        last = leaf(new Shape(shape.get(0), shape.get(2), shape.get(3), shape.get(1)));
        dense = leaf(network.denseShape(2));
    }

    /** Random numbers that stay, of which the gradient is taken if training. */
    NDArray leaf(Shape shape) {
        NDArray array = random(shape);
        array.setRequiresGradient(training);
        return array;
    }

    /** Random numbers that stay. */
    NDArray random(Shape shape) {
        // Small ones: products of five cores stay finite, and none becomes subnormal.
        return keep(manager.randomNormal(0, 0.3f, shape, DataType.FLOAT32));
    }

    /** Saves an array from being closed after a run. */
    NDArray keep(NDArray array) {
        kept.add(array);
        return array;
    }

    /** The kernel of the dense convolution, which is not made of the cores. */
    NDArray dense() {
        return dense;
    }

    /** Gets a contestant ready to run, with its gradients if training. */
    Rounds.Turn turn(Contestant contestant) {
        return training ? step(contestant, true) : prediction(contestant, true);
    }

    /** Gets one ready to run forward, with weights from before. */
    Rounds.Turn prediction(Contestant contestant, boolean isRival) {
        NDList weights = contestant.weights().apply(cores);
        kept.addAll(weights);
        sweep();
        return new Rounds.Turn(
                contestant.name(),
                isRival,
                () -> {
                    predict(contestant, weights);
                    return predict(contestant, weights);
                });
    }

    private double predict(Contestant contestant, NDList weights) {
        long start = Rounds.CLOCK.getAsLong();
        NDArray unused = contestant.apply().apply(input(contestant), weights);
        long end = Rounds.CLOCK.getAsLong();
        sweep();
        return Rounds.millis(start, end);
    }

    /** Gets one ready to run forward and backward. */
    Rounds.Turn step(Contestant contestant, boolean isRival) {
        return step(contestant.name(), isRival, contestant);
    }

    /** Gets some ready to run forward one after another, then backward in reverse. */
    Rounds.Turn step(String name, boolean isRival, Contestant... contestants) {
        NDList gradients = new NDList();
        for (Contestant contestant : contestants) {
            gradients.add(forward(contestant).stopGradient().duplicate());
        }
        kept.addAll(gradients);
        sweep();
        return new Rounds.Turn(
                name,
                isRival,
                () -> {
                    train(contestants, gradients);
                    return train(contestants, gradients);
                });
    }

    @SuppressWarnings("try") // the collector collects while it is open
    private double train(Contestant[] contestants, NDList gradients) {
        NDArray[] outputs = new NDArray[contestants.length];
        long start;
        long end;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            start = Rounds.CLOCK.getAsLong();
            for (int n = 0; n < outputs.length; n++) {
                outputs[n] = forward(contestants[n]);
            }
            for (int n = outputs.length - 1; n >= 0; n--) {
                JniUtils.backward(
                        (PtNDArray) outputs[n], (PtNDArray) gradients.get(n), false, false);
            }
            end = Rounds.CLOCK.getAsLong();
        }
        sweep();
        return Rounds.millis(start, end);
    }

    private NDArray forward(Contestant contestant) {
        NDList weights = contestant.weights().apply(cores);
        return contestant.apply().apply(input(contestant), weights);
    }

    private NDArray input(Contestant contestant) {
        return contestant.channelsLast() ? last.transpose(0, 3, 1, 2) : first;
    }

    /** Closes what a run has left. */
    private void sweep() {
        for (NDArray array : manager.getManagedArrays()) {
            if (!kept.contains(array)) {
                array.close();
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
