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
package io.github.djltcnn.conversion;

import java.util.List;

/**
 * What a conversion does to one layer.
 *
 * @param path the path of the layer
 * @param kind the class of the layer before
 * @param format the name of the format; {@code -} if the layer stays
 * @param network the network in its notation; empty if the layer stays
 * @param ranks the sizes of the ranks in order of first appearance; empty if the layer stays
 * @param parametersBefore parameters of the layer before, bias included; 0 for a layer that stands
 *     in an earlier place too
 * @param parametersAfter parameters of the layer after, bias included; 0 for a layer that stands in
 *     an earlier place too
 * @param macsBefore multiply-adds before, for the whole batch
 * @param macsAfter multiply-adds after, as the layer evaluates them with its own options
 * @param bytesBefore size of the parameters before
 * @param bytesAfter size of the parameters after
 * @param relativeError the error of the kernel, |K - approximation| / |K|, before it is rounded to
 *     the data type of the layer; NaN if the layer stays, starts fresh, or is only planned
 * @param weightedError the error of the answers of the layer on the images of the conversion, in
 *     the norm of a {@code KernelWeighting}: of what the layer is to answer, relative to that; NaN
 *     where there were no images
 * @param order the operations of the evaluation; empty if the layer stays
 * @param skipped why the layer stays; empty if it is converted
 * @param sharedWith the path of the first place of a layer that stands in several; empty for a
 *     layer of one place, and for the first of several
 * @since 0.1.0
 */
public record LayerReport(
        String path,
        String kind,
        String format,
        String network,
        String ranks,
        long parametersBefore,
        long parametersAfter,
        long macsBefore,
        long macsAfter,
        long bytesBefore,
        long bytesAfter,
        double relativeError,
        double weightedError,
        List<String> order,
        String skipped,
        String sharedWith) {

    /**
     * Returns whether the layer is converted.
     *
     * @return false if it stays as it is
     */
    public boolean isConverted() {
        return skipped.isEmpty();
    }
}
