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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tensor-train matrix: a kernel core, then one core per pair of an input and an output piece. The
 * shorter list of pieces is filled with ones.
 */
final class TensorTrainMatrix extends ChainFormat {

    TensorTrainMatrix(Rank rank, ChannelPieces inputPieces, ChannelPieces outputPieces) {
        super("TT-matrix", rank, inputPieces, outputPieces);
    }

    @Override
    ChainFormat copy(Rank rank, ChannelPieces input, ChannelPieces output) {
        return new TensorTrainMatrix(rank, input, output);
    }

    @Override
    void lay(
            List<String> inputs,
            List<String> kernel,
            List<String> outputs,
            List<List<String>> cores,
            Map<String, Long> sizes) {
        int pairs = Math.max(inputs.size(), outputs.size());
        List<List<String>> free = new ArrayList<>();
        if (!kernel.isEmpty()) {
            free.add(kernel);
        }
        for (int n = 1; n <= pairs; n++) {
            sizes.putIfAbsent("i" + n, 1L);
            sizes.putIfAbsent("o" + n, 1L);
            free.add(List.of("i" + n, "o" + n));
        }
        // Ranks are numbered from r0 behind the kernel core and from r1 without one.
        link(free, kernel.isEmpty() ? 1 : 0, cores);
    }
}
