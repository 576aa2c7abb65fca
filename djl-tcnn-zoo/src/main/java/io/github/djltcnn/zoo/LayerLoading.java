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
package io.github.djltcnn.zoo;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import io.github.djltcnn.nn.TensorialConvolution;
import io.github.djltcnn.nn.TensorialLinear;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Loads parameters layer by layer, so that a file that does not fit is refused by the name of the
 * layer where it stops fitting. DJL's own layers take whatever shape the file has; here what
 * arrives is compared with what the layer would have made for its input.
 */
final class LayerLoading {

    private final String parent;
    private final NDManager manager;
    private final DataInputStream is;

    /**
     * Starts to load the children of a block.
     *
     * @param parent the path of the block; empty for the root
     * @param manager the manager of the parameters
     * @param is the file
     */
    LayerLoading(String parent, NDManager manager, DataInputStream is) {
        this.parent = parent;
        this.manager = manager;
        this.is = is;
    }

    /**
     * Loads the next child.
     *
     * @param key the name of the child, with DJL's two digits before it
     * @param layer the child
     * @param in the shape of its input
     * @return the shape of its output
     * @throws IOException if reading fails
     * @throws MalformedModelException if the child does not fit the file; names the layer
     */
    Shape load(String key, Block layer, Shape in) throws IOException, MalformedModelException {
        String name = key.replaceFirst("^\\d+", "");
        String path = parent.isEmpty() ? name : parent + "." + name;
        try {
            // Asked before loading: Linear takes its size from the file.
            Shape out = layer.getOutputShapes(new Shape[] {in})[0];
            Map<String, Shape> expected = parameterShapes(layer, in, out);
            layer.loadParameters(manager, is);
            if (layer instanceof NamedSequential || layer instanceof Residual) {
                checkChannels(layer.getInputShapes()[0].get(1), in.get(1));
            } else if (layer instanceof TensorialConvolution tensorial) {
                checkChannels(tensorial.getNetwork().inputChannels(), in.get(1));
            } else if (layer instanceof TensorialLinear linear) {
                checkChannels(linear.getNetwork().inputChannels(), lastSize(in));
            }
            for (Map.Entry<String, Shape> entry : expected.entrySet()) {
                check(layer.getDirectParameters().get(entry.getKey()), entry.getValue());
            }
            return out;
        } catch (MisfitException e) {
            throw e; // a layer further down is named already
        } catch (EOFException e) {
            throw new MisfitException(path, "the file ends before the parameters do", e);
        } catch (MalformedModelException | RuntimeException e) {
            throw new MisfitException(path, e.getMessage(), e);
        }
    }

    private static void checkChannels(long found, long expected) throws MalformedModelException {
        if (found != expected) {
            throw new MalformedModelException(
                    found + " input channels in the file, this model gives it " + expected);
        }
    }

    /** The shapes of the parameters of DJL's layers; tensorial ones check their own. */
    private static Map<String, Shape> parameterShapes(Block layer, Shape in, Shape out) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        if (layer instanceof Convolution convolution) {
            long inputs = in.get(1) / convolution.getGroups();
            Shape kernel = convolution.getKernelShape();
            shapes.put("weight", new Shape(convolution.getFilters(), inputs).addAll(kernel));
            shapes.put("bias", new Shape(convolution.getFilters()));
        } else if (layer instanceof Linear) {
            shapes.put("weight", new Shape(lastSize(out), lastSize(in)));
            shapes.put("bias", new Shape(lastSize(out)));
        } else if (layer instanceof BatchNorm) {
            for (String name : layer.getDirectParameters().keys()) {
                shapes.put(name, new Shape(in.get(1)));
            }
        }
        shapes.keySet().retainAll(layer.getDirectParameters().keys());
        return shapes;
    }

    private static void check(Parameter parameter, Shape expected) throws MalformedModelException {
        if (!parameter.isInitialized()) {
            throw new MalformedModelException("the file has no " + parameter.getName());
        }
        Shape found = parameter.getArray().getShape();
        if (!found.equals(expected)) {
            throw new MalformedModelException(
                    parameter.getName()
                            + " has shape "
                            + found
                            + " in the file, this model needs "
                            + expected);
        }
    }

    /** A layer that does not fit its file. */
    static final class MisfitException extends MalformedModelException {

        private static final long serialVersionUID = 1L;

        private MisfitException(String path, String message, Throwable cause) {
            super("Layer " + path + ": " + message, cause);
        }
    }

    private static long lastSize(Shape shape) {
        return shape.get(shape.dimension() - 1);
    }
}
