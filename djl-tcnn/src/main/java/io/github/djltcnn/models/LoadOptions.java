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
package io.github.djltcnn.models;

import ai.djl.Device;

/**
 * How {@link TensorialModels#load} loads a model.
 *
 * @since 0.1.0
 */
public final class LoadOptions {

    private Device device;
    private ClassLoader[] loaders = {};
    private boolean compile;

    /** Creates options with nothing in them: DJL's default device, a model that can be trained. */
    public LoadOptions() {}

    /**
     * Sets where the model is put.
     *
     * @param device the device, or null for DJL's default
     * @return these options
     */
    public LoadOptions optDevice(Device device) {
        this.device = device;
        return this;
    }

    /**
     * Sets class loaders to ask first for the class that builds the base of the model; those of the
     * thread and of this library are asked in any case.
     *
     * @param loaders the class loaders
     * @return these options
     */
    public LoadOptions optClassLoaders(ClassLoader... loaders) {
        this.loaders = loaders.clone();
        return this;
    }

    /**
     * Sets whether the model is compiled for predictions ({@link
     * io.github.djltcnn.export.Compiled}): about twice as fast on a CPU, but it can be neither
     * trained nor saved. False by default.
     *
     * @param compile whether to compile it
     * @return these options
     */
    public LoadOptions optCompile(boolean compile) {
        this.compile = compile;
        return this;
    }

    Device device() {
        return device;
    }

    ClassLoader[] loaders() {
        return loaders.clone();
    }

    boolean compile() {
        return compile;
    }
}
