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
package io.github.djltcnn.common.internal;

import ai.djl.training.initializer.Initializer;

/**
 * An initializer that draws nothing: it hands over an array that is there already, because DJL
 * checks the shapes of its own layers in no other way. What a block does to numbers that were drawn
 * for it, as the head of a residual network does, it leaves undone to these.
 */
@FunctionalInterface
public interface GivenArray extends Initializer {}
