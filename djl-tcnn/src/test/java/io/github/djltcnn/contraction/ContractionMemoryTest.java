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
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.contraction.internal.execution.Checks;
import io.github.djltcnn.network.ConvolutionGeometry;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.TensorNetwork;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What an evaluation leaves behind: its result with the input's manager, and nothing else. */
public class ContractionMemoryTest {

    private static final String RING =
            "r0=3 i1=2 r1=3, r1 i2=2 r2=3, r2 h=3 w=3 r3=3, r3 o1=2 r4=3, r4 o2=2 r0";

    @Test
    public void modelManagerIsNeverTouched() {
        TensorNetwork network = TensorNetwork.parse(RING);
        ConvolutionGeometry geometry = ConvolutionGeometry.of(new Shape(3, 3));
        Shape shape = new Shape(2, 4, 6, 6);
        try (NDManager base = NDManager.newBaseManager();
                NDManager model = base.newSubManager();
                NDManager data = base.newSubManager()) {
            NDList cores = new NDList();
            for (Core core : network.cores()) {
                cores.add(model.randomNormal(core.shape()));
            }
            NDArray bias = model.randomNormal(new Shape(4));
            NDArray x = data.randomNormal(shape);
            model.cap();
            for (ContractionPlan plan : Plans.of(network, geometry, shape)) {
                int before = data.getManagedArrays().size();
                NDArray y = plan.execute(x, cores, bias);
                Assert.assertSame(y.getManager(), data);
                Assert.assertEquals(data.getManagedArrays().size(), before + 1);
                y.close();
            }
            NDArray kernel = KernelContraction.contract(network, 2, cores, data);
            Assert.assertSame(kernel.getManager(), data);
            Assert.assertEquals(kernel.getShape(), network.denseShape(2));
            kernel.close();
            Assert.assertEquals(data.getManagedArrays(), List.of(x));
            Assert.assertEquals(model.getManagedArrays().size(), cores.size() + 1);
        }
    }

    @Test
    public void brainFloatIsRefusedInWords() {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> Checks.dataType(DataType.BFLOAT16));
        Assert.assertTrue(e.getMessage().contains("bfloat16"), e.getMessage());
    }
}
