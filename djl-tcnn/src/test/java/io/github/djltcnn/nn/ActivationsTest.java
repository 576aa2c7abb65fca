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
package io.github.djltcnn.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import io.github.djltcnn.format.Rank;
import io.github.djltcnn.format.TensorFormats;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Predictions close what lies between blocks, and nothing that anybody else has. */
public class ActivationsTest {

    private static final Shape INPUT = new Shape(2, 4);

    private static Block relu() {
        return StatelessBlock.of(Activation::relu, "ReLU");
    }

    private static Linear linear() {
        return Linear.builder().setUnits(4).build();
    }

    /** Runs a block and says how many arrays its pass left with the input's manager. */
    private static int left(Block block, boolean training, ParameterStore given) {
        try (NDManager manager = NDManager.newBaseManager()) {
            block.initialize(manager, DataType.FLOAT32, INPUT);
            try (NDManager scope = manager.newSubManager()) {
                NDArray x = scope.ones(INPUT);
                ParameterStore store = given == null ? new ParameterStore(scope, false) : given;
                NDList output = block.forward(store, new NDList(x), training);
                Assert.assertEquals(x.toFloatArray()[0], 1f, "the input is open");
                Assert.assertEquals(output.singletonOrThrow().getShape().get(0), 2);
                output.singletonOrThrow().toFloatArray();
                return scope.getManagedArrays().size() - 1;
            }
        }
    }

    private static TensorialSequential chain(Block... blocks) {
        TensorialSequential chain = new TensorialSequential();
        for (Block block : blocks) {
            chain.add(block);
        }
        return chain;
    }

    @Test
    public void onlyTheOutputIsLeft() {
        Assert.assertEquals(left(chain(linear(), relu(), linear(), relu()), false, null), 1);
        Block tensorial =
                TensorialLinear.builder()
                        .setFormat(TensorFormats.tensorTrain(Rank.of(2)))
                        .setUnits(4)
                        .build();
        Assert.assertEquals(
                left(chain(linear(), chain(tensorial, relu()), linear()), false, null), 1);
        // Gradients need them.
        Assert.assertTrue(left(chain(linear(), relu(), linear(), relu()), true, null) >= 4);
    }

    @Test
    public void blocksThatReturnTheirInputOrAViewOfIt() {
        Block same = StatelessBlock.of(x -> x, "identity");
        Block view = StatelessBlock.of(x -> x.reshape(x.getShape()), "view");
        Block both = StatelessBlock.of(x -> x.transpose(1, 0).transpose(1, 0), "view");
        Assert.assertEquals(left(chain(same, same), false, null), 0);
        Assert.assertEquals(left(chain(same, linear(), same, same, relu(), same), false, null), 1);
        Assert.assertEquals(left(chain(linear(), view, view), false, null), 1);
        Assert.assertEquals(left(chain(view, linear(), both), false, null), 2);
        Assert.assertEquals(left(chain(), false, null), 0);
        // The numbers of the view are those of what was closed below it.
        try (NDManager manager = NDManager.newBaseManager()) {
            Block chain = chain(relu(), view, view);
            chain.initialize(manager, DataType.FLOAT32, INPUT);
            NDArray x = manager.create(new float[] {-1, 2, -3, 4, 5, -6, 7, 8}, INPUT);
            NDList y = chain.forward(new ParameterStore(manager, false), new NDList(x), false);
            manager.ones(INPUT);
            Assert.assertEquals(y.head().toFloatArray(), new float[] {0, 2, 0, 4, 5, 0, 7, 8});
        }
    }

    /** Somebody keeps what comes by: a function that nothing is known of. */
    @Test
    public void whatAFunctionMayKeepStaysOpen() {
        List<NDArray> kept = new ArrayList<>();
        Block tap =
                new LambdaBlock(
                        list -> {
                            kept.addAll(list);
                            return list;
                        },
                        "ReLU");
        try (NDManager manager = NDManager.newBaseManager()) {
            Block whole = chain(linear(), tap, linear(), chain(relu(), linear(), relu()));
            whole.initialize(manager, DataType.FLOAT32, INPUT);
            NDArray x = manager.ones(INPUT);
            kept.clear();
            whole.forward(new ParameterStore(manager, false), new NDList(x), false);
            Assert.assertEquals(kept.get(0).toFloatArray().length, 8);
        }
        // The inner chain of the same network closes its own all the same: 2 of 6.
        Assert.assertEquals(
                left(chain(linear(), tap, linear(), chain(relu(), linear(), relu())), false, null),
                3);
    }

    @Test
    public void branchesReadTheSameInput() {
        Block parallel =
                new ParallelBlock(
                        branches ->
                                new NDList(
                                        branches.get(0)
                                                .head()
                                                .add(branches.get(1).head())
                                                .add(branches.get(2).head())),
                        List.of(
                                chain(linear(), relu(), linear()),
                                chain(relu(), linear()),
                                StatelessBlock.of(x -> x, "identity")));
        try (NDManager manager = NDManager.newBaseManager()) {
            Block whole = chain(relu(), parallel, relu());
            whole.initialize(manager, DataType.FLOAT32, INPUT);
            NDArray x = manager.ones(INPUT);
            NDList y = whole.forward(new ParameterStore(manager, false), new NDList(x), false);
            Assert.assertEquals(y.head().getShape(), INPUT);
            y.head().toFloatArray();
        }
    }

    /** A block of this library with the function of somebody else. */
    private static final class Given extends ParallelBlock {

        Given(Function<List<NDList>, NDList> function, List<Block> blocks) {
            super(function, blocks);
        }
    }

    @Test
    public void aGivenFunctionOfBranchesMayKeepThem() {
        List<NDList> kept = new ArrayList<>();
        Block parallel =
                new Given(
                        branches -> {
                            kept.addAll(branches);
                            return branches.get(0);
                        },
                        List.of(chain(linear(), relu()), linear()));
        try (NDManager manager = NDManager.newBaseManager()) {
            Block whole = chain(linear(), parallel, relu());
            whole.initialize(manager, DataType.FLOAT32, INPUT);
            kept.clear();
            NDArray x = manager.ones(INPUT);
            whole.forward(new ParameterStore(manager, false), new NDList(x), false);
            Assert.assertEquals(kept.size(), 2);
            kept.forEach(list -> Assert.assertEquals(list.head().toFloatArray().length, 8));
        }
    }

    @Test
    public void intermediatesThatAreAskedForStayOpen() {
        try (NDManager manager = NDManager.newBaseManager()) {
            SequentialBlock all = chain(linear(), relu(), chain(relu(), linear()));
            all.setReturnIntermediate(true);
            all.initialize(manager, DataType.FLOAT32, INPUT);
            NDArray x = manager.ones(INPUT);
            NDList y = all.forward(new ParameterStore(manager, false), new NDList(x), false);
            Assert.assertEquals(y.size(), 3);
            y.forEach(array -> Assert.assertEquals(array.toFloatArray().length, 8));
        }
    }

    @Test
    public void observersMayKeepWhatTheySee() {
        List<NDArray> seen = new ArrayList<>();
        Block layer =
                TensorialLinear.builder()
                        .setFormat(TensorFormats.tensorTrain(Rank.of(2)))
                        .setUnits(4)
                        .build();
        try (NDManager manager = NDManager.newBaseManager()) {
            Block whole = chain(linear(), layer, relu(), linear());
            whole.initialize(manager, DataType.FLOAT32, INPUT);
            LayerObserver observer =
                    new LayerObserver() {
                        @Override
                        public NDArray onInput(TensorialBlock of, NDArray input) {
                            seen.add(input);
                            return input;
                        }

                        @Override
                        public NDArray onOutput(TensorialBlock of, NDArray output) {
                            seen.add(output);
                            return output;
                        }
                    };
            ParameterStore store = new ParameterStore(manager, false);
            NDArray x = manager.ones(INPUT);
            whole.forward(LayerPass.observing(store, observer), new NDList(x), false);
            Assert.assertEquals(seen.size(), 2);
            seen.forEach(array -> Assert.assertEquals(array.toFloatArray().length, 8));
        }
    }

    /** A store of somebody else's class may look on, too. */
    @Test
    public void anotherStoreClosesNothing() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore other = new ParameterStore(manager, false) {};
            Assert.assertEquals(left(chain(linear(), relu(), linear()), false, other), 3);
        }
    }
}
