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
import ai.djl.nn.LambdaBlock;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A function of arrays that keeps none of them, neither inputs nor outputs, after it has returned.
 * A {@link TensorialSequential} may then close, in predictions, what goes into it and comes out of
 * it as soon as the next block is done. Of any other {@link LambdaBlock} it does not know that.
 *
 * <pre>{@code
 * new TensorialSequential().add(convolution).add(StatelessBlock.of(Activation::relu, "ReLU"))
 * }</pre>
 *
 * @since 0.1.0
 */
public final class StatelessBlock extends LambdaBlock {

    private StatelessBlock(Function<NDList, NDList> function, String name) {
        super(function, name);
    }

    /**
     * Makes a block of a function of one array.
     *
     * @param function the function, which keeps neither its argument nor its result
     * @param name its name, as in summaries
     * @return the block
     */
    public static StatelessBlock of(UnaryOperator<NDArray> function, String name) {
        return new StatelessBlock(
                inputs -> new NDList(function.apply(inputs.singletonOrThrow())), name);
    }
}
