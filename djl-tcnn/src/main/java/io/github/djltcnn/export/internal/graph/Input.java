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
package io.github.djltcnn.export.internal.graph;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * An argument of the graph.
 *
 * @param index which one
 */
public record Input(int index) implements Operation {

    @Override
    public NDArray evaluate(List<NDArray> inputs, long batch) {
        throw new IllegalStateException("An argument is not computed");
    }

    @Override
    public String torch(TorchText text, List<String> inputs) {
        throw new IllegalStateException("An argument is not computed");
    }

    @Override
    public String onnx(OnnxOperators onnx, List<String> inputs, Node node) {
        throw new IllegalStateException("An argument is not computed");
    }
}
