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

/** CP: every core carries the one rank. */
final class CanonicalPolyadic extends RankedFormat {

    private final boolean jointKernel;

    CanonicalPolyadic(Rank rank, boolean jointKernel) {
        super(jointKernel ? "CP-joint" : "CP", rank);
        this.jointKernel = jointKernel;
    }

    @Override
    public TensorFormat withRank(Rank rank) {
        return new CanonicalPolyadic(rank, jointKernel);
    }

    @Override
    void write(KernelSpec spec, List<List<String>> cores, Map<String, Long> sizes) {
        cores.add(List.of("i", "r"));
        if (jointKernel && spec.kernel().dimension() > 0) {
            cores.add(modes(kernelModes(spec), "r"));
        } else {
            kernelModes(spec).forEach(axis -> cores.add(List.of(axis, "r")));
        }
        cores.add(List.of("o", "r"));
        wholeChannels(spec, sizes);
    }
}
