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

/** Networks without cycles. */
public class TreeSvdTest extends DecompositionContract {

    @Override
    String[] networks() {
        return new String[] {
            "o=4 i=5 h=3 w=2",
            "i=6 r=3, r o=7",
            "i=6 r1=3, r1 r2=4 h=3 w=3, r2 o=8",
            "w=3 r1 o=5, i=4 r1=3",
            "i1=3 r1=2, r1 i2=4 r2=5, r2 h=3 w=3 r3=4, r3 o1=3 r4=2, r4 o2=4",
            "h=2 w=3 r0=3, r0 i1=4 o1=3 r1=4, r1 i2=2 o2=5",
            "i=5 r1=2, o=6 r2=3, h=3 r3=2, w=3 r4=2, r1 r2 r3 r4",
            "i1=3 r1=2, i2=4 r2=3, r1 r2 r3=4, r3 r4=3 h=2, r4 o=6",
            "g=3 i=4 r1=2, g r1 r2=3 w=3, g r2 o=5",
        };
    }

    @Override
    double recovery() {
        return 1e-6;
    }
}
