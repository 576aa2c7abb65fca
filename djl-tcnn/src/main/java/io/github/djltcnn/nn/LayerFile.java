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
package io.github.djltcnn.nn;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.github.djltcnn.format.KernelSpec;
import io.github.djltcnn.format.TensorFormat;
import io.github.djltcnn.format.TensorFormats;
import io.github.djltcnn.network.TensorNetwork;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A tensorial layer within DJL's parameter files: a version, the shape of an input, the notation of
 * the network, the cores and the bias. What is read is not trusted.
 */
final class LayerFile {

    static final byte VERSION = 1;

    private static final int MAX_DIMENSIONS = 8;

    private final DataInputStream is;
    private final String layer;

    /**
     * Creates a reader.
     *
     * @param is the file, at the beginning of the layer
     * @param layer the layer, for messages
     */
    LayerFile(DataInputStream is, String layer) {
        this.is = is;
        this.layer = layer;
    }

    /**
     * What is known before the numbers come.
     *
     * @param input the shape of an input
     * @param network the network
     */
    record Header(Shape input, TensorNetwork network) {}

    /** Writes what {@link #header} reads; DJL writes the version and the parameters. */
    static void writeHeader(DataOutputStream os, Shape input, TensorNetwork network)
            throws IOException {
        os.writeByte(input.dimension());
        for (long size : input.getShape()) {
            os.writeLong(size);
        }
        os.writeUTF(network.toString());
    }

    /** Reads the version. */
    void version() throws IOException, MalformedModelException {
        checkVersion(is.readByte());
    }

    private void checkVersion(byte found) throws MalformedModelException {
        if (found != VERSION) {
            throw malformed(
                    "expected a tensorial layer of version "
                            + VERSION
                            + ", the file has version "
                            + found
                            + ": it was saved from another model or a later release",
                    null);
        }
    }

    /**
     * Reads the input and the network. The notation is compared with the input before the format is
     * asked, whose work grows with the channels.
     *
     * @param version the version that was read
     * @param format the format of the layer
     * @param specs the kernel of the layer for an input
     * @return both, as the layer would have them for this input
     */
    Header header(byte version, TensorFormat format, Function<Shape, KernelSpec> specs)
            throws IOException, MalformedModelException {
        checkVersion(version);
        Shape input = input();
        String saved = is.readUTF();
        KernelSpec spec;
        try {
            spec = specs.apply(input);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw malformed("the file has an input of shape " + input + " that does not fit", e);
        }
        TensorNetwork found;
        try {
            found = TensorNetwork.parse(saved);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw malformed("the file holds no network: " + e.getMessage(), e);
        }
        if (!spec.fits(found)) {
            throw malformed(
                    "the file holds the network \""
                            + saved
                            + "\", which is no kernel of "
                            + spec
                            + ", the layer's for the input "
                            + input
                            + " in the file",
                    null);
        }
        TensorNetwork expected;
        try {
            expected = TensorFormats.network(format, spec);
        } catch (IllegalArgumentException e) {
            throw malformed("the format does not fit the input " + input + " in the file", e);
        }
        if (!expected.toString().equals(saved)) {
            throw malformed(
                    "the file holds the network \""
                            + saved
                            + "\", the layer is \""
                            + expected
                            + "\"; build it with the format and ranks it was saved with",
                    null);
        }
        return new Header(input, expected);
    }

    private Shape input() throws IOException, MalformedModelException {
        int dimension = is.readUnsignedByte();
        if (dimension < 1 || dimension > MAX_DIMENSIONS) {
            throw malformed("an input of " + dimension + " dimensions in the file", null);
        }
        long[] sizes = new long[dimension];
        for (int axis = 0; axis < dimension; axis++) {
            sizes[axis] = is.readLong();
        }
        try {
            return new Shape(sizes);
        } catch (IllegalArgumentException e) {
            throw malformed(
                    "the file has an input of sizes "
                            + Arrays.toString(sizes)
                            + " that does not fit",
                    e);
        }
    }

    /** Reads the numbers of parameters, whose old ones are closed. */
    void parameters(List<Parameter> parameters, NDManager manager)
            throws IOException, MalformedModelException {
        for (Parameter parameter : parameters) {
            read(parameter, manager);
        }
    }

    private void read(Parameter parameter, NDManager manager)
            throws IOException, MalformedModelException {
        NDArray old = parameter.isInitialized() ? parameter.getArray() : null;
        Shape expected = parameter.getShape();
        try {
            parameter.load(manager, is);
        } catch (MalformedModelException | IllegalArgumentException | IllegalStateException e) {
            throw malformed("parameter " + parameter.getName() + ": " + e.getMessage(), e);
        }
        if (!parameter.isInitialized()) {
            throw malformed("parameter " + parameter.getName() + " has no values", null);
        }
        if (!parameter.getArray().getShape().equals(expected)) {
            Shape found = parameter.getArray().getShape();
            parameter.close();
            throw malformed(
                    "parameter "
                            + parameter.getName()
                            + " has shape "
                            + found
                            + " in the file, expected "
                            + expected,
                    null);
        }
        if (old != null && old != parameter.getArray()) {
            old.close();
        }
    }

    /** An error of this layer's file. */
    MalformedModelException malformed(String what, Throwable cause) {
        String message = "Cannot load layer " + layer + ": " + what;
        return cause == null
                ? new MalformedModelException(message)
                : new MalformedModelException(message, cause);
    }
}
