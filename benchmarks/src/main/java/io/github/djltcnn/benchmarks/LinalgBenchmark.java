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
package io.github.djltcnn.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.torchscript.Linalg;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Times {@link Linalg} next to EJML in float64, in turn within one process, matrices of n rows and
 * columns. EJML computes on one thread, libtorch on as many as {@code ai.djl.pytorch.num_threads}
 * says.
 *
 * <p>Arguments: the file of results, and optionally a pattern of the cases to run; or {@code
 * report}, the page, the folder of the tables and the files of results.
 */
public final class LinalgBenchmark {

    private static final int BUDGET = Integer.getInteger("benchmark.budget", 4_000);
    private static final int MOST = Integer.getInteger("benchmark.rounds", 21);
    private static final Rounds ROUNDS = new Rounds(2, 3, MOST, BUDGET, Double.POSITIVE_INFINITY);
    private static final int[] SIZES = {8, 32, 128, 512, 1024};
    private static final List<String> OPERATIONS =
            List.of("svd", "eigh", "qr", "cholesky", "solve", "matmul");
    private static final double SMALL_MILLIS = 2;
    private static final int MOST_CALLS = 200;
    private static final int WARM_UP_CALLS = 5_000;
    private static final double WARM_UP_MILLIS = 400;

    private final int n;
    private final NDManager manager = NDManager.newBaseManager();
    private final DMatrixRMaj general;
    private final DMatrixRMaj definite;
    private final NDArray a;
    private final NDArray spd;

    private LinalgBenchmark(int n) {
        this.n = n;
        general = new DMatrixRMaj(n, n);
        Random random = new Random(n);
        for (int k = 0; k < n * n; k++) {
            general.data[k] = random.nextGaussian();
        }
        definite = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransA(general, general, definite);
        for (int k = 0; k < n; k++) {
            definite.add(k, k, 1);
        }
        a = array(general);
        spd = array(definite);
    }

    private NDArray array(DMatrixRMaj matrix) {
        return manager.create(matrix.data.clone(), new Shape(n, n)).toType(DataType.FLOAT64, false);
    }

    /**
     * Runs the benchmark, or writes the report.
     *
     * @param args see above
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        if (args[0].equals("report")) {
            List<Path> files = Stream.of(args).skip(3).map(Path::of).toList();
            report(Path.of(args[1]), Path.of(args[2]), Results.read(files));
            return;
        }
        Results results = new Results(args);
        for (String operation : OPERATIONS) {
            for (int n : SIZES) {
                String key = Results.THREADS + "," + operation + "," + n;
                if (results.isWanted(key)) {
                    LinalgBenchmark benchmark = new LinalgBenchmark(n);
                    results.add(key, benchmark.run(operation));
                    benchmark.manager.close();
                }
            }
        }
    }

    private Map<String, Double> run(String operation) {
        warmUp(() -> linalg(operation));
        warmUp(() -> ejml(operation));
        return ROUNDS.medians(
                List.of(
                        turn("linalg", () -> linalg(operation)),
                        turn("ejml", () -> ejml(operation))));
    }

    /** Java and libtorch compile what was called often. */
    private static void warmUp(Runnable call) {
        long start = Rounds.CLOCK.getAsLong();
        for (int n = 0;
                n < WARM_UP_CALLS
                        && Rounds.millis(start, Rounds.CLOCK.getAsLong()) < WARM_UP_MILLIS;
                n++) {
            call.run();
        }
    }

    /** Calls of microseconds are timed together. */
    private static Rounds.Turn turn(String name, Runnable call) {
        return new Rounds.Turn(
                name,
                true,
                () -> {
                    long start = Rounds.CLOCK.getAsLong();
                    int calls = 0;
                    double millis = 0;
                    while (calls == 0 || (calls < MOST_CALLS && millis < SMALL_MILLIS)) {
                        call.run();
                        calls++;
                        millis = Rounds.millis(start, Rounds.CLOCK.getAsLong());
                    }
                    return millis / calls;
                });
    }

    private void linalg(String operation) {
        switch (operation) {
            case "svd" -> Linalg.svd(a).close();
            case "eigh" -> Linalg.eigh(spd).close();
            case "qr" -> Linalg.qr(a).close();
            case "cholesky" -> Linalg.cholesky(spd).close();
            case "solve" -> Linalg.solve(a, spd).close();
            default -> Linalg.einsum("ij,jk->ik", a, spd).close();
        }
    }

    /** The same with what EJML's factories think best for the size; inputs stay as they are. */
    private void ejml(String operation) {
        switch (operation) {
            case "svd" -> {
                SingularValueDecomposition_F64<DMatrixRMaj> svd =
                        DecompositionFactory_DDRM.svd(n, n, true, true, true);
                checked(svd.decompose(general.copy()));
                svd.getU(null, false);
                svd.getV(null, true);
            }
            case "eigh" -> {
                EigenDecomposition_F64<DMatrixRMaj> eigen =
                        DecompositionFactory_DDRM.eig(n, true, true);
                checked(eigen.decompose(definite.copy()));
                for (int k = 0; k < n; k++) {
                    eigen.getEigenVector(k);
                }
            }
            case "qr" -> {
                QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(n, n);
                checked(qr.decompose(general.copy()));
                qr.getQ(null, true);
                qr.getR(null, true);
            }
            case "cholesky" -> {
                CholeskyDecomposition_F64<DMatrixRMaj> cholesky =
                        DecompositionFactory_DDRM.chol(n, true);
                checked(cholesky.decompose(definite.copy()));
                cholesky.getT(null);
            }
            case "solve" -> {
                LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.general(n, n);
                checked(solver.setA(general.copy()));
                solver.solve(definite.copy(), new DMatrixRMaj(n, n));
            }
            default -> CommonOps_DDRM.mult(general, definite, new DMatrixRMaj(n, n));
        }
    }

    private static void checked(boolean succeeded) {
        if (!succeeded) {
            throw new IllegalStateException("EJML did not succeed");
        }
    }

    /** Writes the table and the part "linalg" of a page. */
    static void report(Path page, Path folder, Map<String, Map<String, Double>> results)
            throws IOException {
        Csv table = new Csv("threads", "operation", "n", "linalg_ms", "ejml_ms", "ejml_to_linalg");
        Map<String, StringBuilder> lines = new LinkedHashMap<>();
        results.forEach(
                (key, times) -> {
                    String[] c = key.split(",", -1);
                    double ratio = times.get("ejml") / times.get("linalg");
                    table.add(c[0], c[1], c[2], times.get("linalg"), times.get("ejml"), ratio);
                    lines.computeIfAbsent(c[1], o -> new StringBuilder("| " + o + " |"))
                            .append(
                                    String.format(
                                            Locale.ROOT,
                                            " %s / %s |",
                                            shown(times.get("linalg")),
                                            shown(times.get("ejml"))));
                });
        StringBuilder text = new StringBuilder("| Linalg / EJML, ms |");
        for (int n : SIZES) {
            text.append(' ').append(n).append(" |");
        }
        text.append("\n|").append("---|".repeat(SIZES.length + 1)).append('\n');
        lines.values().forEach(line -> text.append(line).append('\n'));
        table.write(folder.resolve("linalg.csv"));
        Page.replace(page, "linalg", text.toString());
    }

    private static String shown(double millis) {
        return String.format(Locale.ROOT, millis < 1 ? "%.3f" : "%.1f", millis);
    }
}
