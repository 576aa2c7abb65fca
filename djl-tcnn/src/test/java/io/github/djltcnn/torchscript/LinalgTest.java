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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@link Linalg} against EJML, in float64. */
public class LinalgTest {

    private static final double CLOSE = 1e-10;
    private static final long SEED = 20261127;

    /** Rows, columns, rank. */
    @DataProvider
    public Object[][] matrices() {
        return new Object[][] {
            {1, 1, 1},
            {5, 5, 5},
            {40, 7, 7},
            {7, 40, 7},
            {1, 9, 1},
            {9, 1, 1},
            {12, 12, 4},
            {30, 8, 3},
            {8, 30, 3},
            {64, 64, 64},
        };
    }

    private static NDArray random(NDManager manager, int rows, int columns, int rank) {
        Random random = new Random(SEED + rows * 1000L + columns * 10L + rank);
        double[] left = random.doubles((long) rows * rank, -1, 1).toArray();
        double[] right = random.doubles((long) rank * columns, -1, 1).toArray();
        return manager.create(left, new Shape(rows, rank))
                .matMul(manager.create(right, new Shape(rank, columns)));
    }

    private static DMatrixRMaj ejml(NDArray array) {
        Shape shape = array.getShape();
        return new DMatrixRMaj((int) shape.get(0), (int) shape.get(1), true, array.toDoubleArray());
    }

    private static double largest(NDArray difference) {
        return difference.abs().max().getDouble();
    }

    @Test
    public void definiteSystemsAndEigenvaluesAlone() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray half = random(manager, 12, 20, 12);
            NDArray a = half.matMul(half.transpose());
            NDArray b = random(manager, 12, 3, 3);
            NDArray x = Linalg.solveDefinite(a, b);
            Assert.assertTrue(largest(a.matMul(x).sub(b)) < CLOSE * 100);
            // A batch: each matrix with its own right sides.
            NDArray both = Linalg.solveDefinite(a.stack(a.mul(2)), b.stack(b));
            Assert.assertTrue(largest(both.get(0).sub(x)) < CLOSE);
            Assert.assertTrue(largest(both.get(1).mul(2).sub(x)) < CLOSE);
            try (Linalg.Eigh eigen = Linalg.eigh(a)) {
                Assert.assertTrue(largest(Linalg.eigvalsh(a).sub(eigen.values())) < CLOSE * 100);
            }
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> Linalg.solveDefinite(a.neg(), b));
            Assert.assertTrue(e.getMessage().contains("not positive definite"), e.getMessage());
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> Linalg.solveDefinite(a, half.transpose()));
            Assert.expectThrows(IllegalArgumentException.class, () -> Linalg.eigvalsh(half));
        }
    }

    @Test(dataProvider = "matrices")
    public void svdIsThatOfEjml(int rows, int columns, int rank) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = random(manager, rows, columns, rank);
            SingularValueDecomposition_F64<DMatrixRMaj> known =
                    DecompositionFactory_DDRM.svd(rows, columns, false, false, true);
            Assert.assertTrue(known.decompose(ejml(a)));
            double[] values = known.getSingularValues();
            java.util.Arrays.sort(values);
            try (Linalg.Svd svd = Linalg.svd(a)) {
                int least = Math.min(rows, columns);
                Assert.assertEquals(svd.u().getShape(), new Shape(rows, least));
                Assert.assertEquals(svd.vt().getShape(), new Shape(least, columns));
                for (int n = 0; n < least; n++) {
                    Assert.assertEquals(
                            svd.s().getDouble(n), values[values.length - 1 - n], CLOSE * rows);
                }
                NDArray back = svd.u().mul(svd.s()).matMul(svd.vt());
                Assert.assertTrue(largest(back.sub(a)) < CLOSE);
                NDArray unit = svd.u().transpose().matMul(svd.u()).sub(identity(manager, least));
                Assert.assertTrue(largest(unit) < CLOSE);
            }
        }
    }

    private static NDArray identity(NDManager manager, int size) {
        return manager.eye(size).toType(DataType.FLOAT64, false);
    }

    @Test(dataProvider = "matrices")
    public void eigenvaluesAreThoseOfEjml(int rows, int columns, int rank) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray half = random(manager, rows, columns, rank);
            NDArray a = half.matMul(half.transpose());
            EigenDecomposition_F64<DMatrixRMaj> known =
                    DecompositionFactory_DDRM.eig(rows, false, true);
            Assert.assertTrue(known.decompose(ejml(a)));
            double[] values = new double[rows];
            for (int n = 0; n < rows; n++) {
                values[n] = known.getEigenvalue(n).getReal();
            }
            java.util.Arrays.sort(values);
            try (Linalg.Eigh eigh = Linalg.eigh(a)) {
                for (int n = 0; n < rows; n++) {
                    Assert.assertEquals(eigh.values().getDouble(n), values[n], CLOSE * rows);
                }
                NDArray back = eigh.vectors().mul(eigh.values()).matMul(eigh.vectors().transpose());
                Assert.assertTrue(largest(back.sub(a)) < CLOSE);
            }
        }
    }

    @Test(dataProvider = "matrices")
    public void qrGivesTheMatrixBack(int rows, int columns, int rank) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = random(manager, rows, columns, rank);
            try (Linalg.Qr qr = Linalg.qr(a)) {
                int least = Math.min(rows, columns);
                Assert.assertTrue(largest(qr.q().matMul(qr.r()).sub(a)) < CLOSE);
                NDArray unit = qr.q().transpose().matMul(qr.q()).sub(identity(manager, least));
                Assert.assertTrue(largest(unit) < CLOSE);
                for (int row = 1; row < least; row++) {
                    for (int column = 0; column < Math.min(row, columns); column++) {
                        Assert.assertEquals(qr.r().getDouble(row, column), 0.0);
                    }
                }
            }
        }
    }

    @Test(dataProvider = "matrices")
    public void leastSquaresAreThoseOfThePseudoInverse(int rows, int columns, int rank) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = random(manager, rows, columns, rank);
            NDArray b = random(manager, rows, 3, 3);
            DMatrixRMaj inverse = new DMatrixRMaj(columns, rows);
            DMatrixRMaj known = new DMatrixRMaj(columns, 3);
            CommonOps_DDRM.pinv(ejml(a), inverse);
            CommonOps_DDRM.mult(inverse, ejml(b), known);
            double[] found = Linalg.lstsq(a, b).toDoubleArray();
            for (int n = 0; n < found.length; n++) {
                Assert.assertEquals(found[n], known.data[n], 1e-9, rows + "x" + columns);
            }
        }
    }

    @Test
    public void solveAndCholeskyAreThoseOfEjml() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (int size : new int[] {1, 2, 17, 60}) {
                NDArray half = random(manager, size, size, size);
                NDArray a = half.matMul(half.transpose()).add(identity(manager, size));
                NDArray b = random(manager, size, 2, 2);
                DMatrixRMaj known = new DMatrixRMaj(size, 2);
                Assert.assertTrue(CommonOps_DDRM.solve(ejml(a), ejml(b), known));
                double[] found = Linalg.solve(a, b).toDoubleArray();
                for (int n = 0; n < found.length; n++) {
                    Assert.assertEquals(found[n], known.data[n], CLOSE);
                }
                NDArray l = Linalg.cholesky(a);
                Assert.assertTrue(largest(l.matMul(l.transpose()).sub(a)) < CLOSE);
                if (size > 1) {
                    Assert.assertEquals(l.getDouble(0, 1), 0.0);
                }
            }
        }
    }

    @Test
    public void batchesAreSolvedMatrixByMatrix() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = manager.randomNormal(new Shape(2, 3, 4, 4)).toType(DataType.FLOAT64, false);
            try (Linalg.Svd all = Linalg.svd(a);
                    Linalg.Svd one = Linalg.svd(a.get(new NDIndex("1,2")))) {
                Assert.assertEquals(all.s().getShape(), new Shape(2, 3, 4));
                Assert.assertTrue(largest(all.s().get(new NDIndex("1,2")).sub(one.s())) < CLOSE);
            }
        }
    }

    @Test
    public void einsumSumsWhatTheEquationSays() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = random(manager, 6, 5, 5);
            NDArray b = random(manager, 5, 7, 5);
            NDArray c = random(manager, 7, 6, 6);
            Assert.assertTrue(
                    largest(Linalg.einsum("ij, jk -> ki", a, b).sub(a.matMul(b).transpose()))
                            < CLOSE);
            NDArray trace = Linalg.einsum("ij,jk,ki->", a, b, c);
            NDArray square = a.matMul(b).matMul(c);
            double known = 0;
            for (int n = 0; n < 6; n++) {
                known += square.getDouble(n, n);
            }
            Assert.assertEquals(trace.getDouble(), known, CLOSE);
            Assert.assertEquals(Linalg.einsum("ii->", square).getDouble(), known, CLOSE);
            Assert.assertEquals(
                    Linalg.einsum(
                                    "ij,jk,ki,i->i",
                                    a,
                                    b,
                                    c,
                                    manager.ones(new Shape(6), DataType.FLOAT64))
                            .getShape(),
                    new Shape(6));
        }
    }

    @Test
    public void gradientsFlow() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = random(manager, 5, 3, 3);
            a.setRequiresGradient(true);
            a.setName("layer.weight");
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                NDArray sum = Linalg.einsum("ij,ij->", a, a);
                collector.backward(sum);
            }
            Assert.assertTrue(largest(a.getGradient().sub(a.mul(2))) < CLOSE);
            a.getGradient().muli(0);
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                // The squares of the singular values add up to the squares of all numbers.
                collector.backward(Linalg.svd(a).s().pow(2).sum());
            }
            Assert.assertTrue(largest(a.getGradient().sub(a.mul(2))) < CLOSE);
            Assert.assertEquals(a.getName(), "layer.weight");
        }
    }

    @Test
    public void float32IsComputedInFloat32() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = random(manager, 6, 4, 4).toType(DataType.FLOAT32, false);
            try (Linalg.Svd svd = Linalg.svd(a)) {
                Assert.assertEquals(svd.s().getDataType(), DataType.FLOAT32);
                Assert.assertTrue(
                        svd.u().mul(svd.s()).matMul(svd.vt()).sub(a).abs().max().getFloat() < 1e-5);
            }
        }
    }

    @Test
    public void whatHasNoAnswerIsRefusedClearly() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray ones = manager.ones(new Shape(3, 3), DataType.FLOAT64);
            NDArray nan = ones.mul(Double.NaN);
            NDArray b = manager.ones(new Shape(3, 1), DataType.FLOAT64);
            refused(() -> Linalg.solve(ones, b), "solve", "singular", "lstsq");
            refused(() -> Linalg.cholesky(ones.neg()), "cholesky", "positive definite");
            refused(() -> Linalg.svd(nan), "svd", "(3, 3)", "not finite");
            refused(() -> Linalg.eigh(nan), "not finite");
            refused(() -> Linalg.qr(nan), "not finite");
            refused(() -> Linalg.cholesky(nan), "not finite");
            refused(() -> Linalg.solve(nan, b), "not finite");
            refused(() -> Linalg.lstsq(ones, b.div(0)), "not finite");
            refused(() -> Linalg.svd(manager.ones(new Shape(3))), "matrices", "(3)");
            refused(() -> Linalg.svd(manager.ones(new Shape(0, 3))), "matrices");
            refused(() -> Linalg.svd(ones.toType(DataType.FLOAT16, true)), "float16");
            refused(() -> Linalg.eigh(manager.ones(new Shape(3, 2))), "square", "(3, 2)");
            refused(() -> Linalg.solve(ones, manager.ones(new Shape(2, 1))), "float32");
            refused(
                    () -> Linalg.solve(ones, manager.ones(new Shape(2, 1), DataType.FLOAT64)),
                    "(3, 3)",
                    "(2, 1)");
            refused(() -> Linalg.einsum("ij,jk", ones, ones), "->");
            refused(() -> Linalg.einsum("ij,jk->ik", ones), "2 operands", "1 arrays");
            refused(() -> Linalg.einsum("ij,jk->ik", ones, b.reshape(1, 3)), "sizes 3 and 1");
            refused(() -> Linalg.einsum("ij->k", ones), "Index k");
        }
    }

    private static void refused(Runnable call, String... words) {
        IllegalArgumentException refusal =
                Assert.expectThrows(IllegalArgumentException.class, call::run);
        for (String word : words) {
            Assert.assertTrue(refusal.getMessage().contains(word), refusal.getMessage());
        }
    }

    @Test
    public void nothingIsLeftBehind() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = random(manager, 5, 4, 4);
            int before = manager.getManagedArrays().size();
            Linalg.svd(a).close();
            new NDList(Linalg.einsum("ij,ij->i", a, a)).close();
            Assert.assertEquals(manager.getManagedArrays().size(), before);
        }
    }
}
