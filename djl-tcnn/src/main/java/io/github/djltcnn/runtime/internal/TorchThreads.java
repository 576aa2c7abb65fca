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
package io.github.djltcnn.runtime.internal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * The number of threads that libtorch computes with. libtorch keeps one number for each thread that
 * calls it, and one that new threads begin with; setting the first sets the second as well.
 */
final class TorchThreads {

    static final String ENGINE = "PyTorch";

    private static final String UTILITIES = "ai.djl.pytorch.jni.JniUtils";

    private TorchThreads() {}

    /** The number of the calling thread; PyTorch has to be started. */
    static int count() {
        return (Integer) call("getNumThreads");
    }

    /** Sets the number of the calling thread, and of threads that have not called libtorch yet. */
    static void set(int count) {
        call("setNumThreads", count);
    }

    private static Object call(String method, Object... arguments) {
        try {
            Class<?>[] types = arguments.length == 0 ? new Class<?>[0] : new Class<?>[] {int.class};
            Method found = Class.forName(UTILITIES).getMethod(method, types);
            return found.invoke(null, arguments);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new IllegalStateException("DJL's " + UTILITIES + "." + method + " changed", e);
        }
    }
}
