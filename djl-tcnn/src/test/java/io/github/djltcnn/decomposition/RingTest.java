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
package io.github.djltcnn.decomposition;

/** Tensor rings. */
public class RingTest extends DecompositionContract {

    @Override
    String[] networks() {
        return new String[] {
            "r0=2 i1=4 r1=2, r1 i2=3 r2=2, r2 h=3 w=3 r3=2, r3 o1=4 r4=2, r4 o2=3 r0",
            "r0=2 i=5 r1=3, r1 h=3 w=3 r2=2, r2 o=6 r0",
            "g=2 r0=2 i=5 r1=2, g r1 h=3 w=2 r2=2, g r2 o=6 r0",
        };
    }

    @Override
    double recovery() {
        return 1e-4;
    }
}
