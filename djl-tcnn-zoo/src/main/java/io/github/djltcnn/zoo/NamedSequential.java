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
package io.github.djltcnn.zoo;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import io.github.djltcnn.nn.TensorialSequential;
import java.io.DataInputStream;
import java.io.IOException;

/**
 * A sequential block whose children have names of their own, so that a layer has a path, as in
 * {@code stage2.unit3.body.conv1}, by which a failed load names it.
 */
class NamedSequential extends TensorialSequential {

    private final String path;

    /**
     * Creates an empty block.
     *
     * @param path the path of this block from the root; empty for the root itself
     */
    NamedSequential(String path) {
        this.path = path;
    }

    /**
     * Adds a block to be executed next.
     *
     * @param name the name of the block among its siblings
     * @param block the block
     * @return this block
     */
    final NamedSequential add(String name, Block block) {
        addChildBlock(name, block);
        return this;
    }

    /** The path of a child. */
    final String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        loadMetadata(is.readByte(), is);
        LayerLoading loading = new LayerLoading(path, manager, is);
        Shape shape = inputShapes[0];
        for (Pair<String, Block> child : children) {
            shape = loading.load(child.getKey(), child.getValue(), shape);
        }
    }
}
