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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import io.github.djltcnn.nn.TensorialParallel;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;

/** A residual unit: {@code relu(body(x) + shortcut(x))}. */
final class Residual extends TensorialParallel {

    private final String path;

    Residual(String path, Block body, Block shortcut) {
        super(Residual::merge);
        this.path = path;
        addChildBlock("body", body);
        addChildBlock("shortcut", shortcut);
    }

    private static NDList merge(List<NDList> branches) {
        NDArray body = branches.get(0).singletonOrThrow();
        NDArray shortcut = branches.get(1).singletonOrThrow();
        try (NDArray sum = body.add(shortcut)) {
            return new NDList(sum.getNDArrayInternal().relu());
        }
    }

    /** Says the shape of the body's output, without arrays. */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return children.get(0).getValue().getOutputShapes(inputShapes);
    }

    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        loadMetadata(is.readByte(), is);
        LayerLoading loading = new LayerLoading(path, manager, is);
        for (Pair<String, Block> child : children) {
            loading.load(child.getKey(), child.getValue(), inputShapes[0]);
        }
    }
}
