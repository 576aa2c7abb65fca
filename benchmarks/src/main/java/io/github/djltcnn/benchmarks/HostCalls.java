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

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.connect.VMStartException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.event.VMDeathEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.MethodEntryRequest;
import io.github.djltcnn.benchmarks.StepContestant.Update;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts the calls from Java into libtorch in a training step: every native method that DJL's
 * engine enters, closing arrays included. The step runs in another process, which this one watches
 * through the debugger interface of Java.
 *
 * <p>Arguments: the file of results, and optionally a pattern of the cases to run.
 */
public final class HostCalls {

    private static final String LIBRARY = "ai.djl.pytorch.jni.PyTorchLibrary";
    private static final int WARM_UP = 3;

    private HostCalls() {}

    /**
     * Counts.
     *
     * @param args see above
     * @throws Exception if the process cannot be started or watched
     */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("steps")) {
            steps(args[1], Update.valueOf(args[2]));
            return;
        }
        Results results = new Results(args);
        for (String network : StepBenchmark.NETWORKS) {
            for (Update update : Update.values()) {
                String key = "calls," + network + "," + update;
                if (results.isWanted(key)) {
                    results.add(key, count(network, update));
                }
            }
        }
    }

    /** What is watched: marks around a pass and an update. */
    private static void steps(String network, Update update) {
        try (StepContestant contestant = new StepContestant(network, 2, update)) {
            for (int n = 0; n < WARM_UP; n++) {
                contestant.once();
            }
            Mark.pass();
            contestant.backward();
            Mark.update();
            contestant.update();
            Mark.end();
        }
    }

    /** Methods whose calls are seen by the watching process. */
    static final class Mark {

        private Mark() {}

        static void pass() {}

        static void update() {}

        static void end() {}
    }

    private static Map<String, Double> count(String network, Update update)
            throws IOException,
                    IllegalConnectorArgumentsException,
                    VMStartException,
                    InterruptedException {
        LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        arguments
                .get("options")
                .setValue(
                        "-cp \""
                                + System.getProperty("java.class.path")
                                + "\" -Dai.djl.pytorch.num_threads=1"
                                + " -Dai.djl.pytorch.num_interop_threads=1");
        arguments
                .get("main")
                .setValue(HostCalls.class.getName() + " steps " + network + " " + update);
        VirtualMachine machine = connector.launch(arguments);
        drain(machine.process().getErrorStream());
        drain(machine.process().getInputStream());
        ClassPrepareRequest prepare = machine.eventRequestManager().createClassPrepareRequest();
        prepare.addClassFilter(Mark.class.getName());
        prepare.enable();
        Map<String, Double> counts = new LinkedHashMap<>();
        counts.put("pass", 0.0);
        counts.put("update", 0.0);
        String part = "";
        while (true) {
            EventSet events = machine.eventQueue().remove();
            for (Event event : events) {
                if (event instanceof ClassPrepareEvent prepared) {
                    Method first = prepared.referenceType().methodsByName("pass").get(0);
                    machine.eventRequestManager()
                            .createBreakpointRequest(first.location())
                            .enable();
                } else if (event instanceof BreakpointEvent) {
                    // Not before: a process whose methods are watched is slow.
                    part = "pass";
                    watch(machine, Mark.class.getName());
                    watch(machine, LIBRARY);
                } else if (event instanceof MethodEntryEvent entry) {
                    if (entry.method().isNative()) {
                        counts.computeIfPresent(part, (name, count) -> count + 1);
                    } else {
                        part = entry.method().name();
                    }
                } else if (event instanceof VMDeathEvent || event instanceof VMDisconnectEvent) {
                    return counts;
                }
            }
            events.resume();
        }
    }

    /** Passes on what the process says: it would wait if nobody read. */
    private static void drain(InputStream stream) {
        Thread thread =
                new Thread(
                        () -> {
                            try (stream) {
                                stream.transferTo(System.err);
                            } catch (IOException e) {
                                // The process has ended.
                            }
                        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void watch(VirtualMachine machine, String type) {
        MethodEntryRequest request = machine.eventRequestManager().createMethodEntryRequest();
        request.addClassFilter(type);
        request.setSuspendPolicy(EventRequest.SUSPEND_NONE);
        request.enable();
    }
}
