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

/** Tucker-2: the channels are projected, the kernel axes are not. */
final class Tucker2 extends RankedFormat {

    Tucker2(Rank rank) {
        super("Tucker-2", rank);
    }

    @Override
    public TensorFormat withRank(Rank rank) {
        return new Tucker2(rank);
    }

    @Override
    void write(KernelSpec spec, List<List<String>> cores, Map<String, Long> sizes) {
        cores.add(List.of("i", "r1"));
        cores.add(modes("r1", "r2", kernelModes(spec)));
        cores.add(List.of("r2", "o"));
        wholeChannels(spec, sizes);
    }
}
