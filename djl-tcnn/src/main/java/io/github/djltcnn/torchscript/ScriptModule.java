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
package io.github.djltcnn.torchscript;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TorchScript module that was written in this process and runs in it. Safe for any number of
 * threads; {@link #close()} frees its memory.
 *
 * @since 0.1.0
 */
public final class ScriptModule implements AutoCloseable {

    private static final String ENGINE = "PyTorch";
    private static final String METHOD = "module_method:";

    // Held as long as this is: a model that nobody holds closes its block.
    private final Model model;
    private final Block block;
    private final NDManager manager;
    private final ParameterStore store;
    private final boolean gradients;
    private final Map<String, NDArray> methods = new ConcurrentHashMap<>();

    private ScriptModule(Model model, boolean gradients) {
        this.model = model;
        this.gradients = gradients;
        block = model.getBlock();
        manager = model.getNDManager().newSubManager();
        store = new ParameterStore(manager, false);
    }

    /**
     * Loads a module for predictions: its results carry no gradients.
     *
     * @param archive the module
     * @param device where its tensors are put
     * @return the module, to be closed
     * @throws IllegalArgumentException if libtorch does not accept its code
     */
    public static ScriptModule load(ScriptArchive archive, Device device) {
        return load(archive, device, false);
    }

    /**
     * Loads a module.
     *
     * @param archive the module
     * @param device where its tensors are put
     * @param gradients whether gradients flow through its methods to their arguments, where these
     *     have any
     * @return the module, to be closed
     * @throws IllegalArgumentException if libtorch does not accept its code
     */
    public static ScriptModule load(ScriptArchive archive, Device device, boolean gradients) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Model model = Model.newInstance("script", device, ENGINE);
        try {
            archive.write(bytes);
            model.load(
                    new ByteArrayInputStream(bytes.toByteArray()),
                    Map.of("mapLocation", String.valueOf(device.isGpu())));
            // DJL makes an empty folder for what it loads from a stream.
            Files.deleteIfExists(model.getModelPath());
            return new ScriptModule(model, gradients);
        } catch (EngineException | MalformedModelException | IOException e) {
            model.close();
            throw new IllegalArgumentException(
                    "libtorch does not accept the module:\n" + archive.code(), e);
        }
    }

    /**
     * Calls a method.
     *
     * @param method its name
     * @param arguments its arguments, at least one; a name given to an array plays no part
     * @return its results, which belong to the manager of the first argument
     * @throws EngineException if libtorch reports an error
     * @throws IllegalStateException if the module is closed
     */
    public NDList call(String method, NDArray... arguments) {
        NDList inputs = new NDList(arguments.length + 1);
        NDList aliases = new NDList();
        for (NDArray argument : arguments) {
            NDArray plain = plain(argument);
            if (plain != argument) {
                aliases.add(plain);
            }
            inputs.add(plain);
        }
        try {
            return run(method, inputs);
        } finally {
            aliases.close();
        }
    }

    private NDList run(String method, NDList inputs) {
        if (!manager.isOpen()) {
            throw new IllegalStateException("The module is closed");
        }
        if (!"forward".equals(method)) {
            inputs.add(methods.computeIfAbsent(method, this::named));
        }
        try {
            return block.forward(store, inputs, gradients);
        } catch (EngineException e) {
            throw explain(method, e);
        }
    }

    /** Says of an argument that it is one; other failures are those of the method. */
    private RuntimeException explain(String method, EngineException e) {
        String message = String.valueOf(e.getMessage());
        boolean unknown = message.startsWith("Method '" + method + "' is not defined");
        if (unknown) {
            NDArray name = methods.remove(method);
            if (name != null) {
                name.close();
            }
            return new IllegalArgumentException(
                    "The module has no method \"" + method + "\": " + message, e);
        }
        boolean number =
                message.startsWith(method + "() is missing value for argument")
                        || (message.startsWith("Expected at most")
                                && message.contains("operator '" + method + "'"));
        return number
                ? new IllegalArgumentException(
                        "Method \"" + method + "\" takes other arguments: " + message, e)
                : e;
    }

    /** DJL takes the name of a method from the name of one more array. */
    private NDArray named(String method) {
        NDArray array = manager.create(0f);
        array.setName(METHOD + method);
        return array;
    }

    /** DJL reads lists and dictionaries into names with a dot or brackets. */
    private static NDArray plain(NDArray array) {
        String name = array.getName();
        return name == null || name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_')
                ? array
                : array.reshape(array.getShape());
    }

    /**
     * Returns where the module is.
     *
     * @return the device
     */
    public Device getDevice() {
        return manager.getDevice();
    }

    /** Frees the module. Not while other threads call it. */
    @Override
    public void close() {
        model.close();
    }
}
