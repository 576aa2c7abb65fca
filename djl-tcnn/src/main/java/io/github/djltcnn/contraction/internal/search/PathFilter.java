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
package io.github.djltcnn.contraction.internal.search;

import io.github.djltcnn.contraction.internal.cost.Operation;
import io.github.djltcnn.network.Layout;

/**
 * Which contraction paths a search may consider. The default considers all; others give the
 * candidates that autotuning times.
 */
public interface PathFilter {

    /** All paths. */
    PathFilter NONE = new PathFilter() {};

    /** Only the kernel contracted first. */
    static PathFilter kernelFirst(ModeTable table) {
        return new PathFilter() {
            @Override
            public boolean allowsContraction(long passed, long next) {
                return next == table.allCores();
            }
        };
    }

    /** Anything but the kernel contracted first. */
    static PathFilter notKernelFirst(ModeTable table) {
        return new PathFilter() {
            @Override
            public boolean allowsContraction(long passed, long next) {
                return next != table.allCores();
            }
        };
    }

    /** Only steps with channels in one layout. */
    static PathFilter only(PathFilter other, Layout layout) {
        return new PathFilter() {
            @Override
            public boolean allowsContraction(long passed, long next) {
                return other.allowsContraction(passed, next);
            }

            @Override
            public boolean allowsOperation(Operation operation) {
                return operation.layout() == null || operation.layout() == layout;
            }
        };
    }

    /** Whether a tensor made of some cores may come after others. */
    default boolean allowsContraction(long passed, long next) {
        return true;
    }

    /** Whether a step may be of some kind. */
    default boolean allowsOperation(Operation operation) {
        return true;
    }
}
