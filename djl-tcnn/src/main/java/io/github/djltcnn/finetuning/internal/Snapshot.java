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
package io.github.djltcnn.finetuning.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import io.github.djltcnn.blocks.internal.BlockTree;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of all parameters at one time, on the heap. */
public final class Snapshot {

    private final Map<String, byte[]> values = new LinkedHashMap<>();

    /** Copies the numbers of a block. */
    public Snapshot(Block block) {
        BlockTree.parameters(block)
                .forEach(
                        (path, parameter) -> {
                            ByteBuffer buffer = parameter.getArray().toByteBuffer();
                            byte[] bytes = new byte[buffer.remaining()];
                            buffer.get(bytes);
                            values.put(path, bytes);
                        });
    }

    /** Puts the numbers back. */
    public void restore(Block block) {
        BlockTree.parameters(block)
                .forEach(
                        (path, parameter) -> {
                            NDArray array = parameter.getArray();
                            boolean trains = array.hasGradient();
                            array.setRequiresGradient(false);
                            array.set(
                                    ByteBuffer.allocateDirect(values.get(path).length)
                                            .order(java.nio.ByteOrder.nativeOrder())
                                            .put(values.get(path))
                                            .flip());
                            array.setRequiresGradient(trains);
                        });
    }
}
