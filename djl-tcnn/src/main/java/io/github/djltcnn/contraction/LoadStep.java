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
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * Brings a core into the workspace: sums ranks that dangle on it and squeezes axes of size 1.
 *
 * @param core the number of the core and of its slot
 * @param dangling the axes to sum over
 * @param shape the shape that is left
 */
record LoadStep(int core, List<Integer> dangling, Shape shape) implements Step {

    @Override
    public void run(Workspace work, Arguments arguments) {
        NDArray array = work.enter(arguments.cores().get(core));
        if (!dangling.isEmpty()) {
            array = work.own(array.sum(dangling.stream().mapToInt(Integer::intValue).toArray()));
        }
        if (!array.getShape().equals(shape)) {
            array = work.own(array.reshape(shape));
        }
        work.put(core, array);
    }

    @Override
    public double macs() {
        return 0;
    }
}
