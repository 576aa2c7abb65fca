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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.github.djltcnn.network.Layout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how an activation lies in memory. DJL has no strides, but it hands out the memory of a
 * contiguous CPU array and a copy of any other: a row of one sample, turned so that channels come
 * last, is handed out as it is exactly if the channels lie last.
 */
public final class MemoryLayouts {

    private static final NDIndex FIRST_ROW_2D = new NDIndex("0,:,0");
    private static final NDIndex FIRST_ROW_3D = new NDIndex("0,:,0,0");
    private static final NDIndex SAMPLE = new NDIndex("0");

    private static final Logger logger = LoggerFactory.getLogger(MemoryLayouts.class);

    private static volatile boolean canTell = true;

    private MemoryLayouts() {}

    /** The same numbers in a layout; a copy where channels are to lie last. */
    public static NDArray lay(NDArray x, Layout layout) {
        int dimension = x.getShape().dimension();
        if (layout == Layout.CHANNELS_FIRST || dimension == 2) {
            return x;
        }
        int[] toLast = new int[dimension];
        int[] back = new int[dimension];
        for (int axis = 1; axis < dimension; axis++) {
            toLast[axis] = axis + 1;
            back[axis] = axis - 1;
        }
        toLast[dimension - 1] = 1;
        back[1] = dimension - 1;
        NDArray last = x.transpose(toLast);
        return last.reshape(new Shape(last.size())).reshape(last.getShape()).transpose(back);
    }

    /** The layout of an activation; channels first where it cannot be told or does not matter. */
    public static Layout of(NDArray x) {
        Shape shape = x.getShape();
        int dimension = shape.dimension();
        boolean matters =
                dimension > 2
                        && shape.size() > 0
                        && shape.get(1) > 1
                        && shape.get(dimension - 1) > 1;
        if (!matters || !canTell || !x.getDevice().equals(Device.cpu())) {
            return Layout.CHANNELS_FIRST;
        }
        try (NDManager scope = x.getManager().newSubManager()) {
            NDArray row = x.get(dimension == 3 ? SAMPLE : row(dimension));
            row.attach(scope);
            NDArray turned = row.transpose(1, 0);
            turned.attach(scope);
            // The same memory twice, or two copies of it, which both live until the scope ends.
            boolean shared = address(turned).equals(address(turned));
            return shared ? Layout.CHANNELS_LAST : Layout.CHANNELS_FIRST;
        } catch (LinkageError e) {
            // JNA cannot unpack its library, as in a read-only container.
            if (canTell) {
                canTell = false;
                logger.info("Memory layouts cannot be told apart: JNA does not work here", e);
            }
            return Layout.CHANNELS_FIRST;
        }
    }

    private static NDIndex row(int dimension) {
        return dimension == 4 ? FIRST_ROW_2D : FIRST_ROW_3D;
    }

    private static Pointer address(NDArray array) {
        return Native.getDirectBufferPointer(array.toByteBuffer(true));
    }
}
