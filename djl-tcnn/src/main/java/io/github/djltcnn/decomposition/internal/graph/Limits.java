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
package io.github.djltcnn.decomposition.internal.graph;

/**
 * What bounds the work of a decomposition.
 *
 * @param seed what random starts are drawn from
 * @param starts the number of starts of an iteration that may end in different places
 * @param maxSweeps the largest number of sweeps over all cores from one start
 * @param tolerance an iteration ends when a sweep lowers the error by less than this share of it
 * @param maxMacs multiply-adds after which no further sweep is begun
 */
public record Limits(long seed, int starts, int maxSweeps, double tolerance, double maxMacs) {}
