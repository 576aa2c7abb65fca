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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDList;
import java.util.Comparator;
import java.util.List;

/**
 * The part of a plan that reads the cores alone: the steps that turn them into the weights of its
 * calls. Equal by value, so that plans for different batches can share what it computes.
 */
public final class WeightProgram {

    private final List<WeightStep> steps;
    private final int numTensors;
    private final int numWeights;
    private final int hash;

    /**
     * Creates a program.
     *
     * @param steps the steps
     * @param numTensors the number of tensors, of which the first are the cores
     * @param numWeights the number of weights
     */
    public WeightProgram(List<WeightStep> steps, int numTensors, int numWeights) {
        this.steps = List.copyOf(steps);
        this.numTensors = numTensors;
        this.numWeights = numWeights;
        hash = this.steps.hashCode();
    }

    /** The steps in the order of their execution. */
    public List<WeightStep> steps() {
        return steps;
    }

    /** The number of tensors, of which the first are the cores. */
    public int numTensors() {
        return numTensors;
    }

    /** The number of weights. */
    public int numWeights() {
        return numWeights;
    }

    /** Lends the cores to a workspace and computes the weights in it. */
    public void run(Workspace space, NDList cores) {
        for (int core = 0; core < cores.size(); core++) {
            space.lendTensor(core, cores.get(core));
        }
        runSteps(space);
    }

    /**
     * Copies the cores into a workspace and computes the weights in it. The copies are aligned as
     * libtorch aligns what it allocates, which loaded parameters are not: the same numbers then
     * give the same weights to the last bit.
     */
    void runOnCopies(Workspace space, NDList cores) {
        for (int core = 0; core < cores.size(); core++) {
            space.copyTensor(core, cores.get(core));
        }
        runSteps(space);
    }

    /**
     * The same program for several networks of one structure at once, their cores stacked along a
     * new first axis.
     */
    WeightProgram stacked(int number) {
        return new WeightProgram(
                steps.stream().map(step -> step.stacked(number)).toList(), numTensors, numWeights);
    }

    /** Whether cores are multiplied, rather than only cut and turned. */
    public boolean hasProducts() {
        return steps.stream().anyMatch(MergeStep.class::isInstance);
    }

    /** The last steps, one for each weight, in the order of their numbers. */
    public List<PrepareStep> prepareSteps() {
        return steps.stream()
                .filter(PrepareStep.class::isInstance)
                .map(PrepareStep.class::cast)
                .sorted(Comparator.comparingInt(PrepareStep::weight))
                .toList();
    }

    /** Computes the weights in a workspace that has the cores. */
    void runSteps(Workspace space) {
        for (WeightStep step : steps) {
            step.run(space);
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof WeightProgram that
                        && hash == that.hash
                        && numTensors == that.numTensors
                        && steps.equals(that.steps));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
