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
package io.github.djltcnn.blocks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.util.Pair;
import io.github.djltcnn.nn.NormalizedInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a tree of blocks leaf by leaf, as the containers themselves would, so that one may look at
 * what goes into each leaf and put something else in its place. Leaves and paths are those of
 * {@link BlockTree}.
 *
 * @param <V> what flows through the tree
 */
public abstract class TreeWalk<V> {

    /** Makes a walk. */
    protected TreeWalk() {}

    /**
     * Runs a block.
     *
     * @param path its path
     * @param block the block
     * @param in its input, which stays open
     * @return its output
     */
    public V run(String path, Block block, V in) {
        // A normalisation whose statistics are kept is a leaf of its own kind.
        if (!BlockTree.isTransparent(block)) {
            return leaf(path, block, in);
        }
        if (block instanceof NormalizedInput normalized) {
            V inner = normalised(normalized, in);
            V out = run(BlockTree.path(path, block, "network"), normalized.getBlock(), inner);
            release(inner, in, out);
            return out;
        }
        return block instanceof ParallelBlock parallel
                ? parallel(path, parallel, in)
                : sequential(path, block, in);
    }

    /** Runs the children one after another. */
    protected V sequential(String path, Block block, V in) {
        V now = in;
        for (Pair<String, Block> child : block.getChildren()) {
            V next = run(BlockTree.path(path, block, child.getKey()), child.getValue(), now);
            release(now, in, next);
            now = next;
        }
        return now;
    }

    /** Runs the children side by side. */
    protected V parallel(String path, ParallelBlock block, V in) {
        List<V> outs = new ArrayList<>();
        for (Pair<String, Block> child : block.getChildren()) {
            outs.add(run(BlockTree.path(path, block, child.getKey()), child.getValue(), in));
        }
        V out = join(block, outs);
        outs.forEach(branch -> release(branch, in, out));
        return out;
    }

    /**
     * Runs a leaf.
     *
     * @param path its path
     * @param block the block
     * @param in its input
     * @return its output
     */
    protected abstract V leaf(String path, Block block, V in);

    /**
     * Makes one output of those of branches.
     *
     * @param block the block that holds the branches
     * @param branches their outputs
     * @return the output
     */
    protected abstract V join(ParallelBlock block, List<V> branches);

    /**
     * Normalises the input of a model.
     *
     * @param block what says how
     * @param in the input
     * @return the normalised input
     */
    protected abstract V normalised(NormalizedInput block, V in);

    /**
     * Closes a value that is needed no more.
     *
     * @param old the value
     * @param kept a value whose arrays stay
     * @param next another
     */
    protected abstract void release(V old, V kept, V next);

    /**
     * Normalises arrays as a {@link NormalizedInput} does.
     *
     * @param block what says how
     * @param in the input of the model
     * @return the input with its first array normalised
     */
    protected static NDList normalise(NormalizedInput block, NDList in) {
        NDArray x = in.head();
        NDManager manager = x.getManager();
        long[] shape = new long[x.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[1] = block.getMean().length;
        try (NDArray mean = manager.create(block.getMean(), new Shape(shape));
                NDArray deviation = manager.create(block.getDeviation(), new Shape(shape));
                NDArray ofType = mean.toType(x.getDataType(), false);
                NDArray over = deviation.toType(x.getDataType(), false);
                NDArray centred = x.sub(ofType)) {
            NDList out = new NDList(centred.div(over));
            out.addAll(in.subNDList(1));
            return out;
        }
    }

    /**
     * Closes the arrays of a list that neither of two others has.
     *
     * @param old the list
     * @param kept one of the others
     * @param next the other
     */
    @SuppressWarnings("ReferenceEquality") // the very array
    protected static void close(NDList old, NDList kept, NDList next) {
        for (NDArray array : old) {
            boolean used =
                    kept.stream().anyMatch(a -> a == array)
                            || next.stream().anyMatch(a -> a == array);
            if (!used) {
                array.close();
            }
        }
    }
}
