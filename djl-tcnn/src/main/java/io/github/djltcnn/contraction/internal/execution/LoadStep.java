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

import io.github.djltcnn.contraction.internal.cost.Work;
import java.util.List;

/**
 * Sums the ranks that dangle on a core, of which the search does not know.
 *
 * @param core the slot of the core, before and after
 * @param dangling the axes to sum over
 * @param work how much it is
 */
public record LoadStep(int core, List<Integer> dangling, Work work) implements WeightStep {

    @Override
    public WeightStep stacked(int number) {
        return new LoadStep(core, dangling.stream().map(axis -> axis + 1).toList(), work);
    }

    @Override
    public void run(Workspace space) {
        int[] axes = dangling.stream().mapToInt(Integer::intValue).toArray();
        space.putTensor(core, space.owned(space.tensor(core)).sum(axes));
    }
}
