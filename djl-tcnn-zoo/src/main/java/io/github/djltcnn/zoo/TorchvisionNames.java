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

import ai.djl.nn.Parameter;
import io.github.djltcnn.models.NameMap;
import java.util.List;
import java.util.Map;

/**
 * The names that torchvision's ResNet-18, 34 and 50 give to the weights of a dense {@link
 * TensorialResNet#imageNet}.
 *
 * <pre>{@code
 * WeightImport.fromSafetensors(net, file, new TorchvisionNames());
 * }</pre>
 *
 * @since 0.1.0
 */
public final class TorchvisionNames implements NameMap {

    private static final List<String[]> LAYERS =
            List.of(
                    new String[] {"^stem\\.conv\\.", "conv1."},
                    new String[] {"^stem\\.norm\\.", "bn1."},
                    new String[] {"^head\\.linear\\.", "fc."},
                    new String[] {"\\.body\\.norm", ".bn"},
                    new String[] {"\\.body\\.", "."},
                    new String[] {"\\.shortcut\\.conv\\.", ".downsample.0."},
                    new String[] {"\\.shortcut\\.norm\\.", ".downsample.1."});

    private static final Map<Parameter.Type, String> NORM =
            Map.of(
                    Parameter.Type.GAMMA, "weight",
                    Parameter.Type.BETA, "bias",
                    Parameter.Type.RUNNING_MEAN, "running_mean",
                    Parameter.Type.RUNNING_VAR, "running_var");

    /** Creates the map. */
    public TorchvisionNames() {}

    @Override
    public String fileName(String path, Parameter.Type type) {
        String name = path;
        for (String[] layer : LAYERS) {
            name = name.replaceFirst(layer[0], layer[1]);
        }
        if (NORM.containsKey(type)) {
            name = name.substring(0, name.lastIndexOf('.') + 1) + NORM.get(type);
        }
        if (name.startsWith("stage")) {
            // stage2.unit1 is the first block, number 0, of layer2.
            String[] parts = name.split("\\.", 3);
            int unit = Integer.parseInt(parts[1].substring("unit".length()));
            name =
                    "layer"
                            + parts[0].substring("stage".length())
                            + "."
                            + (unit - 1)
                            + "."
                            + parts[2];
        }
        return name;
    }

    /** PyTorch counts the batches that normalisation has seen; nothing here needs the number. */
    @Override
    public boolean isIgnored(String fileName) {
        return fileName.endsWith(".num_batches_tracked");
    }
}
