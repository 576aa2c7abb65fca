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

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.djltcnn.contraction.KernelContraction;
import io.github.djltcnn.network.Core;
import io.github.djltcnn.runtime.NativeMemory;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Splits the contraction of a kernel and the gradients of its cores into libtorch's operations,
 * with libtorch's profiler: how many there are of each kind and how long they take, without what
 * they call in turn. The profiler itself takes about as long as a view.
 *
 * <p>Argument: the file of results.
 */
public final class CallProfile {

    /** One contraction that is made of small calls, and one of large ones. */
    static final List<Cell> CELLS =
            List.of(new Cell(16, 32, 32, "TR", 10), new Cell(64, 8, 32, "TR", 15));

    private static final int WARM_UP = 1000;
    private static final int STEPS = 101;
    private static final String ENGINE = "autograd::engine";

    private CallProfile() {}

    /** Kinds of operations. */
    enum Kind {
        PRODUCTS("matrix products", "aten::(matmul|b?mm|addmm|baddbmm|resolve_conj)"),
        COPIES("copies with their memory", "aten::(copy_|clone|contiguous|empty.*|zeros|zero_)"),
        SUMS("sums and scalings", "aten::(add_?|sum|mul_?)"),
        VIEWS(
                "views",
                "aten::(_unsafe_)?(view|reshape|t|transpose|permute|as_strided|expand|select|slice"
                        + "|squeeze|unsqueeze|detach|alias)"),
        GRADIENTS("bookkeeping of gradients", "(?!aten::).*"),
        OTHERS("other operations", ".*");

        private final String words;
        private final String pattern;

        Kind(String words, String pattern) {
            this.words = words;
            this.pattern = pattern;
        }

        static Kind of(String operation) {
            for (Kind kind : values()) {
                if (operation.matches(kind.pattern)) {
                    return kind;
                }
            }
            throw new AssertionError(operation);
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** An operation, on the way through those it is called by. */
    private static final class Event {
        private final String name;
        private final double start;
        private final double end;
        private final Kind kind;
        private double own;
        private boolean isCounted = true;

        Event(JsonObject json) {
            name = json.get("name").getAsString();
            start = json.get("ts").getAsDouble();
            own = json.get("dur").getAsDouble();
            end = start + own;
            kind = Kind.of(name);
        }

        double start() {
            return start;
        }

        double own() {
            return own;
        }
    }

    /**
     * Runs the profile.
     *
     * @param args the file of results
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        NativeMemory.keepBuffers();
        run(new Results(args), CELLS, WARM_UP, STEPS);
    }

    /** Profiles the cells that are wanted. */
    static void run(Results results, List<Cell> cells, int warmUp, int steps) throws IOException {
        for (Cell cell : cells) {
            for (boolean backward : new boolean[] {false, true}) {
                String key = key(Results.THREADS, cell, backward);
                if (results.isWanted(key)) {
                    results.add(key, profile(cell, backward, warmUp, steps));
                }
            }
        }
    }

    /** The first columns of the results of a cell. */
    static String key(int threads, Cell cell, boolean backward) {
        return threads + "," + cell.key() + "," + (backward ? "backward" : "forward");
    }

    private static Map<String, Double> profile(Cell cell, boolean backward, int warmUp, int steps)
            throws IOException {
        Path trace = Files.createTempFile("profile", ".json");
        try (NDManager manager = NDManager.newBaseManager()) {
            NDList cores = new NDList();
            for (Core core : cell.network().cores()) {
                NDArray array = manager.randomNormal(0, 0.3f, core.shape(), DataType.FLOAT32);
                array.setRequiresGradient(true);
                cores.add(array);
            }
            KernelContraction contraction = KernelContraction.of(cell.network(), 2);
            NDArray gradient = contraction.execute(cores, manager).stopGradient().duplicate();
            for (int n = 0; n < warmUp; n++) {
                step(contraction, cores, gradient, backward);
            }
            List<Double> alone = new ArrayList<>();
            List<Double> micros = new ArrayList<>();
            for (int n = 0; n < steps; n++) {
                alone.add(step(contraction, cores, gradient, backward));
            }
            JniUtils.startProfile(false, false, false);
            for (int n = 0; n < steps; n++) {
                micros.add(step(contraction, cores, gradient, backward));
            }
            JniUtils.stopProfile(trace.toString());
            Map<String, Double> values = split(read(trace), micros, backward);
            values.put("ALONE micros", Rounds.median(alone));
            return values;
        } finally {
            Files.delete(trace);
        }
    }

    /** Runs the contraction and its gradients; returns the microseconds of one direction. */
    @SuppressWarnings("try") // the collector collects while it is open
    private static double step(
            KernelContraction contraction, NDList cores, NDArray gradient, boolean backward) {
        try (GradientCollector collector = Engine.getInstance().newGradientCollector();
                NDManager scope = gradient.getManager().newSubManager()) {
            long start = Rounds.CLOCK.getAsLong();
            NDArray kernel = contraction.execute(cores, scope);
            long middle = Rounds.CLOCK.getAsLong();
            JniUtils.backward((PtNDArray) kernel, (PtNDArray) gradient, false, false);
            long end = Rounds.CLOCK.getAsLong();
            return 1e3 * (backward ? Rounds.millis(middle, end) : Rounds.millis(start, middle));
        }
    }

    private static List<Event> read(Path trace) throws IOException {
        List<Event> events = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(trace)) {
            for (JsonElement each : JsonParser.parseReader(reader).getAsJsonArray()) {
                JsonObject json = each.getAsJsonObject();
                if (json.get("ph").getAsString().equals("X")) {
                    events.add(new Event(json));
                }
            }
        }
        events.sort(
                Comparator.comparingDouble(Event::start)
                        .thenComparing(Comparator.comparingDouble(Event::own).reversed()));
        Deque<Event> open = new ArrayDeque<>();
        for (Event event : events) {
            while (!open.isEmpty() && open.peek().end <= event.start) {
                open.pop();
            }
            if (!open.isEmpty()) {
                open.peek().own -= event.own;
                event.isCounted = open.peek().kind != event.kind;
            }
            open.push(event);
        }
        return events;
    }

    /** The medians over all steps, which all are made of the same operations. */
    private static Map<String, Double> split(
            List<Event> events, List<Double> micros, boolean backward) {
        int steps = micros.size();
        int perStep = events.size() / steps;
        if (perStep * steps != events.size()) {
            throw new IllegalStateException(
                    events.size() + " operations in " + steps + " steps: not the same in each");
        }
        Map<Kind, List<Double>> own = new LinkedHashMap<>();
        Map<Kind, Integer> calls = new LinkedHashMap<>();
        List<Double> outside = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            Map<Kind, Double> mine = new LinkedHashMap<>();
            calls.clear();
            boolean isBackward = false;
            for (Event event : events.subList(step * perStep, (step + 1) * perStep)) {
                isBackward |= event.name.startsWith(ENGINE);
                if (isBackward == backward) {
                    mine.merge(event.kind, event.own, Double::sum);
                    calls.merge(event.kind, event.isCounted ? 1 : 0, Integer::sum);
                }
            }
            mine.forEach(
                    (kind, time) -> own.computeIfAbsent(kind, k -> new ArrayList<>()).add(time));
            double all = mine.values().stream().mapToDouble(Double::doubleValue).sum();
            outside.add(micros.get(step) - all);
        }
        Map<String, Double> values = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            if (own.containsKey(kind)) {
                values.put(kind.name() + " calls", (double) calls.get(kind));
                values.put(kind.name() + " micros", Rounds.median(own.get(kind)));
            }
        }
        values.put("OUTSIDE micros", Rounds.median(outside));
        values.put("ALL micros", Rounds.median(micros));
        return values;
    }
}
