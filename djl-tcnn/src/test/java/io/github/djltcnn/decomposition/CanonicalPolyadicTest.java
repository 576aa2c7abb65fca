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

/** CP, split and joint over the window. */
public class CanonicalPolyadicTest extends DecompositionContract {

    @Override
    String[] networks() {
        return new String[] {
            "i=5 r=3, h=3 r, w=3 r, o=6 r",
            "i=6 r=5, h=3 w=3 r, o=7 r",
            "i=6 r=4, r h=3, r o=7",
            "g=2 i=4 r=3, g h=3 r, g w=3 r, g o=5 r",
        };
    }

    @Override
    double recovery() {
        return 1e-4;
    }
}
