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
package io.github.djltcnn.blocks.internal;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.Trainer;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.optimizer.AdamW;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.optimizer.Sgd;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * All that this library reads out of DJL's classes without a public way to it. Whoever moves to
 * another release of DJL finds here what has to exist there; the test of this class fails where it
 * does not.
 */
public final class DjlInternals {

    private static final String FORWARD = "forwardInternal";

    private DjlInternals() {}

    /** The children of a block, as the list that the block itself runs. */
    public static BlockList children(AbstractBlock block) {
        return (BlockList) read(AbstractBlock.class, "children", block);
    }

    /** What a parallel block makes of the outputs of its branches. */
    @SuppressWarnings("unchecked")
    public static Function<List<NDList>, NDList> function(ParallelBlock block) {
        return (Function<List<NDList>, NDList>) read(ParallelBlock.class, "function", block);
    }

    /** The axis of the channels. */
    public static int axis(BatchNorm norm) {
        return (int) read(BatchNorm.class, "axis", norm);
    }

    /** The number added to the variance. */
    public static float epsilon(BatchNorm norm) {
        return (float) read(BatchNorm.class, "epsilon", norm);
    }

    /** The share of a running statistic that a training step keeps. */
    public static float momentum(BatchNorm norm) {
        return (float) read(BatchNorm.class, "momentum", norm);
    }

    /** Whether beta is added. */
    public static boolean center(BatchNorm norm) {
        return (boolean) read(BatchNorm.class, "center", norm);
    }

    /** Whether gamma multiplies. */
    public static boolean scale(BatchNorm norm) {
        return (boolean) read(BatchNorm.class, "scale", norm);
    }

    /**
     * Whether a trainer works on arrays of a manager: it holds the arrays of their gradients, and
     * its next step would be on arrays that a conversion has closed.
     *
     * @param manager the manager of the parameters
     * @return true if a trainer was made of this manager and is not closed
     */
    public static boolean hasOpenTrainer(NDManager manager) {
        if (!(manager instanceof BaseNDManager)) {
            return false;
        }
        Map<?, ?> resources = (Map<?, ?>) read(BaseNDManager.class, "resources", manager);
        return resources.values().stream()
                .anyMatch(r -> r instanceof NDManager sub && "trainer".equals(sub.getName()));
    }

    /**
     * The class whose forward pass of the given arguments a block of a type runs.
     *
     * @param type the type of the block
     * @param arguments the types of the arguments
     * @return the type itself or a class above it; null if none declares such a pass
     */
    public static Class<?> declaresForward(Class<?> type, Class<?>... arguments) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            try {
                return c.getDeclaredMethod(FORWARD, arguments).getDeclaringClass();
            } catch (NoSuchMethodException ignore) {
                // a class above declares it
            }
        }
        return null;
    }

    /**
     * What an optimizer remembers of each parameter.
     *
     * @param optimizer the optimizer
     * @return by the name of the slot, the id of the parameter and the device; the maps that the
     *     optimizer itself uses. Null for an optimizer of an unknown kind
     */
    @SuppressWarnings("unchecked")
    public static Map<String, Map<String, Map<Device, NDArray>>> optimizerStates(
            Optimizer optimizer) {
        List<String> fields;
        if (optimizer.getClass() == Sgd.class) {
            fields = List.of("momentumStates");
        } else if (optimizer.getClass() == Adam.class || optimizer.getClass() == AdamW.class) {
            fields = List.of("means", "variances");
        } else {
            return null;
        }
        Map<String, Map<String, Map<Device, NDArray>>> states = new TreeMap<>();
        for (String field : fields) {
            states.put(
                    field,
                    (Map<String, Map<Device, NDArray>>)
                            read(optimizer.getClass(), field, optimizer));
        }
        return states;
    }

    /** How many updates an optimizer has made, by the id of the parameter. */
    @SuppressWarnings("unchecked")
    public static Map<String, Integer> updateCounts(Optimizer optimizer) {
        return Map.copyOf((Map<String, Integer>) read(Optimizer.class, "updateCounts", optimizer));
    }

    /** Makes an optimizer go on from a number of updates, by the id of the parameter. */
    @SuppressWarnings("unchecked")
    public static void setUpdateCounts(Optimizer optimizer, Map<String, Integer> counts) {
        Map<String, Integer> own =
                (Map<String, Integer>) read(Optimizer.class, "updateCounts", optimizer);
        own.clear();
        own.putAll(counts);
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        write(Optimizer.class, "numUpdate", optimizer, most);
    }

    /**
     * Tells a trainer that there are gradients. It would look for itself before its first step, by
     * the sum of all of them, which is zero where only the last layer of a classifier trains: what
     * one class gains, others lose.
     */
    public static void skipGradientCheck(Trainer trainer) {
        write(Trainer.class, "gradientsChecked", trainer, true);
    }

    private static void write(Class<?> owner, String name, Object object, Object value) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            field.set(object, value);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw unreadable(owner, name, e);
        }
    }

    private static Object read(Class<?> owner, String name, Object object) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(object);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw unreadable(owner, name, e);
        }
    }

    private static IllegalStateException unreadable(Class<?> owner, String name, Exception e) {
        return new IllegalStateException(
                "This release of DJL does not let the field "
                        + name
                        + " of "
                        + owner.getName()
                        + " be read; use a release that this library was tested with",
                e);
    }
}
