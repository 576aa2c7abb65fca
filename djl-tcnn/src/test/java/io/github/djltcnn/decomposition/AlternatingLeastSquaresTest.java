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

/** Networks that only alternating least squares can do. */
public class AlternatingLeastSquaresTest extends DecompositionContract {

    @Override
    String[] networks() {
        return new String[] {
            "i=6 r=4, r h=3 w=3, r o=7",
            "rb=2 i=6 r1=2, rb r1 r2=2 h=3 w=3, rb r2 o=7",
            "i=4 r1=2, o=5 r1 r2=2, h=3 w=3 r2 r1",
            "i=4 h=3, o=5 w=3",
            "i=4 r1=2, i r2=2 h=3, r1 r2 o=5",
            "g=3 i=4 r1=2, r1 r2=2 w=3, r2 g o=4",
            "i1=3 r1=2 r2=2, r1 r2 i2=4 h=3, r2 o=4",
        };
    }

    @Override
    double recovery() {
        return 1e-4;
    }
}
