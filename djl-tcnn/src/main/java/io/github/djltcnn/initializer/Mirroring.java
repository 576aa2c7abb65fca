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
package io.github.djltcnn.initializer;

import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;

/**
 * Which channels of a kernel come in pairs c and c + C/2 of opposite sign. After ReLU such a pair
 * of outputs holds the positive and the negative part of one number, so that ReLU costs exactly
 * half of the second moment in each draw. (<a href="https://arxiv.org/abs/1702.08591">Balduzzi et
 * al., "The Shattered Gradients Problem", 2017</a>, for dense kernels.)
 *
 * <p>Grouped convolutions, and channels that cannot be halved, three colours for instance, are
 * never mirrored.
 *
 * @since 0.1.0
 */
public enum Mirroring {
    /** Channels are drawn independently. */
    NONE,
    /**
     * Output channels c and c + C/2 are each other's negatives. What the rule promises of the
     * features holds for every input. What it promises of the gradients holds if those of the two
     * channels of a pair are uncorrelated, as they are behind ReLU, where one of them is 0, and
     * before any layer that is not mirrored itself.
     */
    OUTPUTS,
    /**
     * Inputs too: the kernel reads the difference of input channels c and c + C/2. Behind a
     * mirrored layer and ReLU this difference is the number that ReLU took apart, so that a stack
     * of such layers is linear at the start. The first step of training breaks the symmetry. Where
     * inputs do not come in such pairs, the layer keeps the second moment of their differences
     * only; {@link io.github.djltcnn.initialization.ModelInitialization} finds out where they do.
     */
    BOTH;

    /**
     * Returns whether the channels of a network can be mirrored: there are no groups, and the first
     * piece of the channel of more than one is even.
     *
     * @param network the network
     * @param role {@link Role#INPUT} or {@link Role#OUTPUT}
     * @return whether mirroring that role changes anything
     */
    public static boolean fits(TensorNetwork network, Role role) {
        return Mirror.mirrorable(network, role).isPresent();
    }

    /** Returns whether the channels of a role are mirrored. */
    boolean mirrors(Role role) {
        return this == BOTH || (this == OUTPUTS && role == Role.OUTPUT);
    }
}
