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

/** The TorchScript of {@link Linalg}. */
final class LinalgScript {

    /** What a method says of arguments that are not finite. */
    static final String NOT_FINITE = "djl-tcnn: not finite";

    private LinalgScript() {}

    /** One method for each of {@link Linalg}, which refuse numbers that are not finite. */
    static ScriptArchive archive() {
        ScriptArchive.Builder builder =
                ScriptArchive.builder("Linalg")
                        .addMethod(
                                """
                                def check(self, a: Tensor) -> NoneType:
                                  if bool(torch.all(torch.isfinite(a))):
                                    pass
                                  else:
                                    ops.prim.RaiseException("%s")
                                  return None"""
                                        .formatted(NOT_FINITE))
                        .addMethod(
                                checked(
                                        "svd",
                                        "a",
                                        "Tuple[Tensor, Tensor, Tensor]",
                                        "torch.linalg_svd(a, False)"))
                        .addMethod(
                                checked(
                                        "eigh",
                                        "a",
                                        "Tuple[Tensor, Tensor]",
                                        "torch.linalg_eigh(a, \"L\")"))
                        .addMethod(
                                checked(
                                        "qr",
                                        "a",
                                        "Tuple[Tensor, Tensor]",
                                        "torch.linalg_qr(a, \"reduced\")"))
                        .addMethod(
                                checked(
                                        "eigvalsh",
                                        "a",
                                        "Tensor",
                                        "torch.linalg_eigvalsh(a, \"L\")"))
                        .addMethod(
                                checked(
                                        "solveDefinite",
                                        "a, b",
                                        "Tensor",
                                        "torch.cholesky_solve(b, torch.linalg_cholesky(a))"))
                        .addMethod(checked("cholesky", "a", "Tensor", "torch.linalg_cholesky(a)"))
                        .addMethod(checked("solve", "a, b", "Tensor", "torch.linalg_solve(a, b)"))
                        .addMethod(leastSquares("lstsq", "\"gelsd\""))
                        .addMethod(leastSquares("lstsq_gpu", "\"gels\""));
        String[] operands = {"a", "a, b", "a, b, c", "a, b, c, d"};
        for (int n = 0; n < operands.length; n++) {
            builder.addMethod(einsumMethod(n + 1, operands[n]));
        }
        return builder.build();
    }

    private static String checked(String name, String arguments, String type, String value) {
        StringBuilder code = new StringBuilder("def " + name + "(self");
        for (String argument : arguments.split(", ", -1)) {
            code.append(", ").append(argument).append(": Tensor");
        }
        code.append(") -> ").append(type).append(":\n");
        for (String argument : arguments.split(", ", -1)) {
            code.append("  _").append(argument).append(" = self.check(").append(argument);
            code.append(")\n");
        }
        return code.append("  return ").append(value).toString();
    }

    private static String leastSquares(String name, String driver) {
        return checked(name, "a, b", "Tensor", "x")
                .replace(
                        "  return x",
                        "  x, residuals, rank, values, = torch.linalg_lstsq(a, b, None, driver="
                                + driver
                                + ")\n  return x");
    }

    private static String einsumMethod(int number, String operands) {
        return "def einsum"
                + number
                + "(self, "
                + operands.replaceAll("(\\w)", "$1: Tensor")
                + ", codes: Tensor) -> Tensor:\n"
                + "  equation = \"\"\n"
                + "  letters = annotate(List[int], codes.tolist())\n"
                + "  for i in range(torch.len(letters)):\n"
                + "    equation = torch.add(equation, torch.chr(letters[i]))\n"
                + "  return torch.einsum(equation, ["
                + operands
                + "])";
    }
}
