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
package io.github.djltcnn.batchnorm;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.blocks.internal.KernelLayer;
import io.github.djltcnn.blocks.internal.ModelCopy;
import io.github.djltcnn.blocks.internal.NormPair;
import io.github.djltcnn.nn.StatelessBlock;
import io.github.djltcnn.runtime.internal.PyTorch;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Folds batch normalisations into the layers before them, for predictions: what a normalisation
 * multiplies the output channels by goes into the kernel, the rest into a bias.
 *
 * <pre>{@code
 * try (Model model = TensorialModels.load(folder);
 *         Model fast = BatchNormFolding.fold(model)) {
 *     TensorialModels.save(fast, other);
 * }
 * }</pre>
 *
 * <p>With running mean {@code m} and variance {@code v}, a convolution {@code K * x + b} followed
 * by its normalisation becomes {@code (s K) * x + (beta + s (b - m))} with {@code s = gamma /
 * sqrt(v + epsilon)} per output channel. The scale of a tensorial layer is one more core on all
 * output modes, or part of the core that has them all; the layer stays tensorial, and the engine,
 * which keeps the contracted weights of predictions, pays for the core once.
 *
 * <p>Folded are the normalisations that directly follow a convolution or linear layer, dense or
 * tensorial, within a {@link SequentialBlock}; an identity takes the place of each. All others stay
 * as they are. The result computes what the model does with {@code training = false} and is not for
 * training.
 *
 * @since 0.1.0
 */
public final class BatchNormFolding {

    private final NDManager manager;
    private final IdentityHashMap<Block, BlockTree.Leaf> leaves = new IdentityHashMap<>();
    private final IdentityHashMap<Block, NormPair> byLayer = new IdentityHashMap<>();
    private final Set<Block> norms = Collections.newSetFromMap(new IdentityHashMap<>());
    private final IdentityHashMap<Block, Block> copies = new IdentityHashMap<>();

    private BatchNormFolding(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Makes a model for predictions, independent of the given one, which stays as it is. It has the
     * same name and properties, so that {@link io.github.djltcnn.models.TensorialModels#save} takes
     * it.
     *
     * @param model an initialised model
     * @return another model, which the caller closes
     * @throws IllegalArgumentException if the model has no parameters yet, or as {@link
     *     #fold(Block, Shape, NDManager)} does
     */
    public static Model fold(Model model) {
        Block block = model.getBlock();
        if (block == null || !block.isInitialized()) {
            throw new IllegalArgumentException(
                    "Model " + model.getName() + " has no parameters yet; initialize or load it");
        }
        NDManager own = model.getNDManager();
        Model folded = Model.newInstance(model.getName(), own.getDevice(), PyTorch.ENGINE);
        try {
            Shape input = new Shape(block.getInputShapes()[0].getShape());
            folded.setDataType(model.getDataType());
            folded.setBlock(fold(block, input, folded.getNDManager()));
            model.getProperties().forEach(folded::setProperty);
            return folded;
        } catch (RuntimeException e) {
            folded.close();
            throw e;
        }
    }

    /**
     * Makes a tree for predictions of a tree of blocks, which stays as it is.
     *
     * @param root an initialised tree
     * @param input the shape of an input, with its batch
     * @param manager takes the parameters of the new tree
     * @return the new tree; blocks without parameters stand in both
     * @throws IllegalArgumentException if a block with parameters is neither sequential, parallel,
     *     a layer with a kernel nor a batch normalisation; names it
     */
    public static Block fold(Block root, Shape input, NDManager manager) {
        ModelCopy.check(root, input);
        BatchNormFolding folding = new BatchNormFolding(manager);
        List<BlockTree.Leaf> leaves = BlockTree.leaves(root, input);
        leaves.forEach(leaf -> folding.leaves.putIfAbsent(leaf.block(), leaf));
        for (NormPair pair : NormPair.of(leaves)) {
            folding.byLayer.put(pair.layer().block(), pair);
            folding.norms.add(pair.norm().block());
        }
        Block folded = folding.copy(root);
        folded.initialize(manager, ModelCopy.dataType(root), input);
        // A tree for predictions: no thread is to record what it computes.
        BlockTree.parameters(folded)
                .values()
                .forEach(parameter -> parameter.getArray().setRequiresGradient(false));
        return folded;
    }

    private Block copy(Block child) {
        return ModelCopy.once(copies, child, this::make);
    }

    private Block make(Block block) {
        BlockTree.Leaf leaf = leaves.get(block);
        if (leaf == null) {
            return ModelCopy.container(block, this::copy);
        }
        if (norms.contains(block)) {
            return StatelessBlock.of(x -> x, "identity");
        }
        if (block instanceof BatchNorm norm) {
            return ModelCopy.norm(norm, leaf.input(), manager);
        }
        KernelLayer layer = KernelLayer.of(block, leaf.input());
        if (layer == null) {
            return block;
        }
        NormPair pair = byLayer.get(block);
        return pair == null
                ? ModelCopy.layer(leaf, layer, manager)
                : new FoldedLayer(manager).of(leaf, layer, (BatchNorm) pair.norm().block());
    }
}
