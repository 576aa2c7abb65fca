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
package io.github.djltcnn.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import io.github.djltcnn.blocks.internal.BlockTree;
import io.github.djltcnn.common.internal.AtomicFiles;
import io.github.djltcnn.common.internal.Texts;
import io.github.djltcnn.models.internal.FolderLock;
import io.github.djltcnn.models.internal.Safetensors;
import io.github.djltcnn.models.internal.Structure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The checkpoints of one training, in a folder of their own. There is one at any time, the last; a
 * process that is killed while it writes leaves the one before.
 *
 * <pre>{@code
 * Checkpoints checkpoints = new Checkpoints(folder);
 * trainer.initialize(shape);
 * Map<String, String> progress = checkpoints.restore(model, optimizer); // null at the first start
 * ..
 * checkpoints.save(model, optimizer, Map.of("epoch", "3", "step", "120"), false);
 * }</pre>
 *
 * <p>A checkpoint holds all parameters, running statistics included; the optimizer's state (the
 * momentum of {@code Sgd}, the moments of {@code Adam} and {@code AdamW}, of DJL or of {@code
 * FusedOptimizers}) and how many updates it has made, from which schedules compute the next rate;
 * the parameters of the best epoch so far; and what the caller says of its progress. It holds
 * nothing of the structure of the model: it is restored into a model that was built the same way.
 *
 * <p>In the folder, {@code checkpoint.tcnn} begins with its own hash and names the files of
 * parameters and state by theirs; a file that was changed is refused. One training at a time has
 * the folder.
 *
 * @since 0.1.0
 */
public final class Checkpoints {

    private static final String ASIDE = ".checkpoint-";
    private static final Pattern OWN =
            Pattern.compile("(weights|optimizer)-[0-9a-f]{16}\\.safetensors");

    private final Path folder;
    private Structure.Content best;

    /**
     * Names the folder; it is made when the first checkpoint is written.
     *
     * @param folder a folder for this training alone
     */
    public Checkpoints(Path folder) {
        this.folder = Objects.requireNonNull(folder, "folder").toAbsolutePath().normalize();
    }

    /**
     * Asks whether there is a checkpoint.
     *
     * @return whether {@link #restore} would find one
     */
    public boolean exists() {
        return Files.isRegularFile(folder.resolve(Pointer.FILE));
    }

    /**
     * Reads what the last checkpoint says of its progress.
     *
     * @return what {@link #save} was given; null if there is no checkpoint
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if the file was changed
     */
    public Map<String, String> progress() throws IOException, MalformedModelException {
        Pointer pointer = read();
        return pointer == null ? null : pointer.progress();
    }

    /**
     * Writes a checkpoint in the place of the one before.
     *
     * @param model the model; all its parameters are initialised
     * @param optimizer the optimizer of its trainer
     * @param progress what the caller needs to go on: epoch, step, sums, seeds
     * @param isBest whether the parameters are the best so far, for {@link #restoreBest}
     * @throws IOException if it cannot be written; the checkpoint before is in force then
     * @throws IllegalArgumentException if the state of the optimizer cannot be read, the model has
     *     no parameters, or the progress holds what is no text
     */
    public void save(Model model, Optimizer optimizer, Map<String, String> progress, boolean isBest)
            throws IOException {
        progress.forEach(
                (key, value) -> {
                    if (key == null || value == null) {
                        throw new IllegalArgumentException(
                                "The progress has a null, which would be lost: " + progress);
                    }
                    Texts.checkText(key);
                    Texts.checkText(value);
                });
        Map<String, Parameter> parameters = parameters(model);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        parameters.forEach((path, parameter) -> arrays.put(path, parameter.getArray()));
        OptimizerState state = OptimizerState.of(optimizer, model.getBlock());
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new NotDirectoryException(
                    folder + " is a file; checkpoints need a folder of their own");
        }
        Files.createDirectories(folder);
        FolderLock lock = FolderLock.of(folder);
        try (lock;
                NDManager manager = model.getNDManager().newSubManager()) {
            sweep();
            Structure.Content weights = write("weights", arrays);
            Structure.Content own = write("optimizer", state.arrays(parameters, manager));
            Structure.Content newBest = isBest ? weights : best;
            Pointer pointer =
                    new Pointer(
                            weights,
                            own,
                            newBest,
                            state.name(),
                            state.counts(parameters),
                            new TreeMap<>(progress));
            force(pointer.encode());
            best = newBest;
            clean(pointer);
        }
    }

    /**
     * Puts the last checkpoint into a model and its optimizer. Call it after {@code
     * trainer.initialize}.
     *
     * @param model a model built the same way as the one that was saved
     * @param optimizer an optimizer of the same kind, new
     * @return the progress; null if there is no checkpoint, and nothing was changed
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if a file is missing or was changed
     * @throws IllegalArgumentException if the model has other parameters, or the optimizer is of
     *     another kind: says which
     */
    public Map<String, String> restore(Model model, Optimizer optimizer)
            throws IOException, MalformedModelException {
        Pointer pointer = read();
        if (pointer == null) {
            return null;
        }
        OptimizerState state = OptimizerState.of(optimizer, model.getBlock());
        if (!state.name().equals(pointer.optimizer())) {
            throw new IllegalArgumentException(
                    "The checkpoint in "
                            + folder
                            + " is of the optimizer "
                            + pointer.optimizer()
                            + ", this training has "
                            + state.name()
                            + "; go on with the same, or give another folder");
        }
        Map<String, Parameter> parameters = parameters(model);
        load(pointer.weights(), parameters);
        try (Safetensors file = open("optimizer", pointer.state());
                NDManager manager = model.getNDManager().newSubManager()) {
            state.restore(file, manager, parameters, pointer.counts());
        }
        best = pointer.best();
        return pointer.progress();
    }

    /**
     * Puts the parameters of the best epoch into a model.
     *
     * @param model a model built the same way as the one that was saved
     * @return whether there are any; nothing was changed otherwise
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if a file is missing or was changed
     * @throws IllegalArgumentException if the model has other parameters
     */
    public boolean restoreBest(Model model) throws IOException, MalformedModelException {
        Pointer pointer = read();
        if (pointer == null || pointer.best() == null) {
            return false;
        }
        load(pointer.best(), parameters(model));
        return true;
    }

    private static Map<String, Parameter> parameters(Model model) {
        Block block = model.getBlock();
        Map<String, Parameter> parameters = block == null ? Map.of() : BlockTree.parameters(block);
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(
                    "The model "
                            + model.getName()
                            + " has no parameters, so there is nothing to keep; a compiled model"
                            + " does not train");
        }
        return parameters;
    }

    private void load(Structure.Content content, Map<String, Parameter> parameters)
            throws IOException, MalformedModelException {
        try (Safetensors file = open("weights", content)) {
            if (!file.names().equals(parameters.keySet())) {
                throw misfit("its parameters have other names", null);
            }
            for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
                NDArray array = entry.getValue().getArray();
                if (!array.getShape().equals(file.shape(entry.getKey()))) {
                    throw misfit(
                            entry.getKey()
                                    + " has shape "
                                    + array.getShape()
                                    + ", in the checkpoint "
                                    + file.shape(entry.getKey()),
                            null);
                }
            }
            for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
                NDArray array = entry.getValue().getArray();
                try (NDArray saved = file.read(entry.getKey(), array.getManager())) {
                    if (saved.getDataType() != array.getDataType()) {
                        throw misfit(entry.getKey() + " is " + saved.getDataType(), null);
                    }
                    ParameterValues.set(array, saved.toByteBuffer());
                }
            }
        }
    }

    private IllegalArgumentException misfit(String what, Throwable cause) {
        return new IllegalArgumentException(
                "The checkpoint in "
                        + folder
                        + " is of another model: "
                        + what
                        + "; build the model as for the training that wrote it, or give another"
                        + " folder",
                cause);
    }

    private Pointer read() throws IOException, MalformedModelException {
        try {
            return Pointer.decode(Files.readAllBytes(folder.resolve(Pointer.FILE)));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private Safetensors open(String kind, Structure.Content content)
            throws IOException, MalformedModelException {
        String name = Pointer.fileName(kind, content);
        try {
            return Safetensors.open(folder.resolve(name), content);
        } catch (NoSuchFileException e) {
            throw new MalformedModelException(name + ": the file is missing", e);
        }
    }

    private Structure.Content write(String kind, Map<String, NDArray> arrays) throws IOException {
        Path part = aside();
        try {
            Structure.Content content = Safetensors.write(part, arrays);
            move(part, Pointer.fileName(kind, content));
            return content;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void force(byte[] bytes) throws IOException {
        Path part = aside();
        try {
            AtomicFiles.force(part, bytes);
            move(part, Pointer.FILE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private Path aside() {
        return folder.resolve(ASIDE + UUID.randomUUID() + ".part");
    }

    private void move(Path part, String name) throws IOException {
        AtomicFiles.replace(part, folder.resolve(name));
    }

    /** Deletes what killed processes left. */
    private void sweep() throws IOException {
        AtomicFiles.delete(folder, name -> name.startsWith(ASIDE) && name.endsWith(".part"));
    }

    private void clean(Pointer pointer) throws IOException {
        AtomicFiles.delete(folder, name -> OWN.matcher(name).matches() && !pointer.names(name));
    }
}
