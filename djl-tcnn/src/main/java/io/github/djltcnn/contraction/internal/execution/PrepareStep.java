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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.cost.Work;

/**
 * Brings a tensor made of cores into the shape that the call with it takes.
 *
 * @param source the slot of the tensor
 * @param weight the number of the weight
 * @param arrangement how it is brought into shape
 * @param work how much it is
 */
public record PrepareStep(int source, int weight, Arrangement arrangement, Work work)
        implements WeightStep {

    /** The weights are stacked as they lie; the view of each is taken when they are parted. */
    @Override
    public WeightStep stacked(int number) {
        Arrangement lying =
                new Arrangement(
                        new Shape(number).addAll(arrangement.axes()),
                        arrangement.order().stacked(),
                        true,
                        new Shape(number).addAll(arrangement.shape()),
                        AxisOrder.SAME);
        return new PrepareStep(source, weight, lying, work);
    }

    @Override
    public void run(Workspace space) {
        NDArray tensor = space.tensor(source);
        NDArray arranged = arrangement.apply(space, tensor);
        if (arranged == tensor) {
            space.promote(source, weight);
        } else {
            space.putWeight(weight, arranged);
            space.dropTensor(source);
        }
    }
}
