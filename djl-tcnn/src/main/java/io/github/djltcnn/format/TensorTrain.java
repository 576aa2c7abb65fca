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

/** Tensor train: an open chain of input pieces, kernel, output pieces. */
final class TensorTrain extends ChainFormat {

    TensorTrain(Rank rank, ChannelPieces inputPieces, ChannelPieces outputPieces) {
        super("TT", rank, inputPieces, outputPieces);
    }

    @Override
    ChainFormat copy(Rank rank, ChannelPieces input, ChannelPieces output) {
        return new TensorTrain(rank, input, output);
    }

    @Override
    void lay(
            List<String> inputs,
            List<String> kernel,
            List<String> outputs,
            List<List<String>> cores,
            Map<String, Long> sizes) {
        link(chain(inputs, kernel, outputs), 1, cores);
    }
}
