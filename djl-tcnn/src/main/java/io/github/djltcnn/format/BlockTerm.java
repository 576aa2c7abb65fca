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
package io.github.djltcnn.format;

import java.util.List;
import java.util.Map;

/** Block-term: a sum of Tucker-2 terms, the term being a hyperedge over the three cores. */
final class BlockTerm extends RankedFormat {

    private final int blocks;

    BlockTerm(int blocks, Rank rank) {
        super("BTT", rank);
        if (blocks < 1) {
            throw new IllegalArgumentException(
                    "A block-term format has at least 1 block, got " + blocks);
        }
        this.blocks = blocks;
    }

    @Override
    public TensorFormat withRank(Rank rank) {
        return new BlockTerm(blocks, rank);
    }

    @Override
    void write(KernelSpec spec, List<List<String>> cores, Map<String, Long> sizes) {
        cores.add(List.of("rb", "i", "r1"));
        cores.add(modes("rb", "r1", "r2", kernelModes(spec)));
        cores.add(List.of("rb", "r2", "o"));
        wholeChannels(spec, sizes);
        sizes.put("rb", (long) blocks);
    }

    @Override
    List<Object> settings() {
        return List.of(blocks);
    }

    @Override
    public String toString() {
        return name() + "(" + blocks + " blocks, " + rank() + ")";
    }
}
