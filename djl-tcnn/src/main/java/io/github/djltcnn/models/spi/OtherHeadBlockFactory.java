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
package io.github.djltcnn.models.spi;

import ai.djl.Model;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.core.Linear;
import ai.djl.util.Pair;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.models.internal.StructureBuilder;
import io.github.djltcnn.nn.TensorialLinear;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Builds the model of another block factory with another number of outputs: one of its linear
 * layers is a new one. Saved folders name this class where the block factory of a model that got a
 * new head takes no number of classes itself.
 *
 * @since 0.1.0
 */
public final class OtherHeadBlockFactory implements BlockFactory {

    /** The argument that names the class that builds the model. */
    public static final String FACTORY = "head.factory";

    /** The argument that has the path of the layer. */
    public static final String PATH = "head.path";

    /** The argument that has its number of outputs. */
    public static final String UNITS = "head.units";

    private static final long serialVersionUID = 1L;

    private static final int MOST_UNITS = 100_000;

    /** Creates the factory. */
    public OtherHeadBlockFactory() {}

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if an argument is missing or out of bounds, or the model has
     *     no linear layer of that path
     */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments)
            throws IOException {
        Map<String, String> inner = new TreeMap<>();
        arguments.forEach((key, value) -> inner.put(key, String.valueOf(value)));
        String factory = required(inner, FACTORY);
        String path = required(inner, PATH);
        int units = units(required(inner, UNITS));
        if (factory.equals(OtherHeadBlockFactory.class.getName())) {
            throw new IllegalArgumentException("A model gets one other head, not one on another");
        }
        Block block = StructureBuilder.base(factory, inner, model, modelPath);
        if (!replace("", block, path, units)) {
            throw new IllegalArgumentException(
                    "The model of " + factory + " has no linear layer " + path);
        }
        return block;
    }

    private static String required(Map<String, String> arguments, String key) {
        String value = arguments.remove(key);
        if (value == null) {
            throw new IllegalArgumentException("The argument " + key + " is missing");
        }
        return value;
    }

    private static int units(String text) {
        try {
            int units = Integer.parseInt(text);
            if (units >= 1 && units <= MOST_UNITS) {
                return units;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                UNITS + " is a whole number from 1 to " + MOST_UNITS + ", got " + text);
    }

    private static boolean replace(String at, Block block, String path, int units) {
        for (Pair<String, Block> child : block.getChildren()) {
            String name = BlockTree.path(at, block, child.getKey());
            Block other = name.equals(path) ? other(child.getValue(), name, units) : null;
            if (other != null) {
                BlockTree.replace((AbstractBlock) block, child.getKey(), other);
                return true;
            }
            if (replace(name, child.getValue(), path, units)) {
                return true;
            }
        }
        return false;
    }

    private static Block other(Block block, String path, int units) {
        if (block instanceof TensorialLinear tensorial) {
            return TensorialLinear.builder()
                    .setFormat(tensorial.getFormat())
                    .setUnits(units)
                    .optBias(tensorial.isIncludeBias())
                    .optName(path)
                    .optPlannerOptions(tensorial.getPlannerOptions())
                    .build();
        }
        if (block instanceof Linear linear) {
            return Linear.builder()
                    .setUnits(units)
                    .optBias(linear.getDirectParameters().contains("bias"))
                    .build();
        }
        return null;
    }
}
