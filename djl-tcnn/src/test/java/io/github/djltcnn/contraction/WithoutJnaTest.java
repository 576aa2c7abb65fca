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
package io.github.djltcnn.contraction;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.jna.Native;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.testng.Assert;
import org.testng.annotations.Test;

/** A process in which JNA cannot unpack its library, as in a container without a place for it. */
public class WithoutJnaTest {

    private static final String DONE = "computed without JNA";

    @Test(timeOut = 120_000)
    public void layersComputeWithoutJna() throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/java",
                                "-Djna.nounpack=true",
                                "-Djna.nosys=true",
                                "-Djna.boot.library.path=none",
                                "-Dai.djl.pytorch.num_threads=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                WithoutJnaTest.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assert.assertTrue(process.waitFor(1, TimeUnit.MINUTES), output);
        Assert.assertEquals(process.exitValue(), 0, output);
        Assert.assertTrue(output.contains(DONE), output);
    }

    /**
     * Runs in the other process.
     *
     * @param args none
     */
    public static void main(String[] args) {
        try {
            Native.getDirectBufferPointer(ByteBuffer.allocateDirect(8));
            throw new IllegalStateException("JNA works here: nothing is tested");
        } catch (LinkageError expected) {
            // what this process is for
        }
        TensorNetwork network = TensorNetwork.parse("i=8 r1=3, r1 r2=4 h=3 w=3, r2 o=6");
        ContractionEngine engine =
                ContractionEngine.create(network, ConvolutionGeometry.of(new Shape(3, 3)));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList cores = new NDList();
            for (Core core : network.cores()) {
                cores.add(manager.ones(core.shape()));
            }
            NDArray x = manager.ones(new Shape(2, 8, 6, 5));
            List<NDArray> results =
                    List.of(engine.predict(x, cores, null), engine.train(x, cores, null, null));
            for (NDArray y : results) {
                if (y.getFloat(0, 0, 0, 0) != 8 * 3 * 4 * 9) {
                    throw new IllegalStateException("Wrong: " + y);
                }
            }
        }
        if (NativeMemory.keepBuffers()) {
            throw new IllegalStateException("Buffers cannot be kept without JNA");
        }
        System.out.println(DONE);
    }
}
