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
package io.github.djltcnn.examples;

import io.github.djltcnn.runtime.NativeMemory;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * How every program here starts and ends. A wrong option, or a value that the program refuses by a
 * {@link ParameterException}, costs one line on the error stream and exit code 2; any other failure
 * is exit code 1.
 *
 * @since 0.1.0
 */
public final class Cli {

    private Cli() {}

    /**
     * A program's {@code runExample}.
     *
     * @param <R> what the program returns
     * @since 0.1.0
     */
    @FunctionalInterface
    public interface Example<R> {

        /**
         * Runs the program.
         *
         * @param args its options
         * @return its result
         * @throws Exception if it fails
         */
        R run(String... args) throws Exception;
    }

    /**
     * Sets a program's options from the command line and runs it.
     *
     * @param program an object with picocli's annotations; its field {@code spec} is set
     * @param args the command line
     * @param <R> what the program returns
     * @return the program's result; null if the command line asked for help, which is printed
     * @throws ParameterException if an option or its value is wrong
     * @throws Exception if the program fails
     */
    public static <R> R call(Callable<R> program, String... args) throws Exception {
        CommandLine command = new CommandLine(program).setCaseInsensitiveEnumValuesAllowed(true);
        ParseResult parsed = command.parseArgs(args);
        if (CommandLine.printHelpIfRequested(parsed)) {
            return null;
        }
        return program.call();
    }

    /**
     * Refuses the value of an option unless it is a positive number.
     *
     * @param spec the program's options
     * @param option the option
     * @param value its value
     * @throws ParameterException if it is zero, negative or no number
     */
    public static void requirePositive(CommandSpec spec, String option, double value) {
        if (!(value > 0)) {
            // A whole number is shown as one.
            String shown =
                    value == Math.rint(value)
                            ? Long.toString((long) value)
                            : Double.toString(value);
            throw wrong(spec, option + ": expected a positive number, got " + shown);
        }
    }

    /**
     * Says that an option is wrong.
     *
     * @param spec the program's options
     * @param message the option, what is expected and what it got
     * @return to be thrown
     */
    public static ParameterException wrong(CommandSpec spec, String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /**
     * Runs a program for its exit code.
     *
     * @param example the program
     * @param args its options
     * @return 0 after success or help, 2 after a wrong option, 1 after any other failure
     */
    public static int exitCode(Example<?> example, String... args) {
        try {
            example.run(args);
            return CommandLine.ExitCode.OK;
        } catch (ParameterException e) {
            String[] lines = e.getMessage().split("\\R", 2);
            System.err.println("error: " + lines[0] + " (see --help)");
            return CommandLine.ExitCode.USAGE;
        } catch (Exception e) {
            e.printStackTrace();
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /**
     * Runs a program as its {@code main} method: large native buffers are kept for the next
     * allocation, as in all benchmarks, and a failure ends the virtual machine.
     *
     * @param example the program
     * @param args its options
     */
    public static void main(Example<?> example, String... args) {
        NativeMemory.keepBuffers();
        int code = exitCode(example, args);
        if (code != CommandLine.ExitCode.OK) {
            System.exit(code);
        }
    }
}
