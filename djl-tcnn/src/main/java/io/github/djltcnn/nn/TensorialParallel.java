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
package io.github.djltcnn.nn;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A parallel block that closes what its branches give as soon as it is merged, in predictions.
 * Conversion, folding and copying look into it as into DJL's own.
 *
 * @since 0.2.0
 */
public class TensorialParallel extends ParallelBlock {

    private final Function<List<NDList>, NDList> merge;

    /**
     * Creates a block without branches.
     *
     * @param merge makes one output of those of the branches
     */
    public TensorialParallel(Function<List<NDList>, NDList> merge) {
        super(merge);
        this.merge = merge;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        List<NDList> branches = new ArrayList<>();
        for (Block child : children.values()) {
            branches.add(child.forward(parameterStore, inputs, training, params));
        }
        NDList output = merge.apply(branches);
        if (!training) {
            branches.forEach(branch -> LayerPass.close(parameterStore, branch, inputs, output));
        }
        return output;
    }
}
