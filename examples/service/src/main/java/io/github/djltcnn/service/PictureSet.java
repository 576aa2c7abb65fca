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
package io.github.djltcnn.service;

import java.util.List;
import java.util.Map;

/**
 * Pictures that were uploaded, as {@code set.json} says of them.
 *
 * @param name the name
 * @param classes how many pictures of which class
 * @param pictures how many in all
 * @param bytes their bytes
 * @param grey whether all are grey
 * @param width the pixels of the widest from left to right
 * @param height the pixels of the highest from top to bottom
 * @param leftOut what else was in the zip file
 */
record PictureSet(
        String name,
        Map<String, Integer> classes,
        int pictures,
        long bytes,
        boolean grey,
        int width,
        int height,
        List<String> leftOut) {}
