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
package io.github.djltcnn.contraction.internal.execution;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/**
 * The weights that one {@link WeightProgram} has computed from one state of the cores. Counts its
 * users, so that weights found stale are closed when the last thread that reads them is done.
 */
public final class KeptWeights {

    private final WeightProgram program;
    private final List<String> coreIds;
    private final long fingerprint;
    private final NDManager owner;
    private final NDManager manager;
    private final List<NDArray> weights = new ArrayList<>();
    private final long bytes;
    private volatile long lastUse;
    private String attachedAs;
    private int users;
    private boolean retired;

    /** Computes the weights; nothing of the gradient's graph is kept. */
    public KeptWeights(WeightProgram program, NDList cores, long fingerprint) {
        this.program = program;
        coreIds = cores.stream().map(NDArray::getUid).toList();
        this.fingerprint = fingerprint;
        NDArray core = cores.get(0);
        owner = core.getManager();
        // Not a child of the model's manager, which may be capped.
        manager = NDManager.newBaseManager(core.getDevice(), owner.getEngine().getEngineName());
        boolean done = false;
        try {
            compute(cores);
            done = true;
        } finally {
            if (!done) {
                manager.close();
            }
        }
        bytes = weights.stream().mapToLong(KeptWeights::bytes).sum();
    }

    private void compute(NDList cores) {
        try (NDManager scope = manager.newSubManager();
                Workspace space =
                        new Workspace(
                                scope,
                                cores.get(0).getDataType(),
                                program.numTensors(),
                                program.numWeights(),
                                null)) {
            program.runOnCopies(space, cores);
            for (int n = 0; n < program.numWeights(); n++) {
                NDArray weight = space.ownWeight(n).stopGradient();
                weight.attach(manager);
                weights.add(weight);
            }
        }
    }

    private static long bytes(NDArray array) {
        return array.size() * array.getDataType().getNumOfBytes();
    }

    /** The bytes of the weights. */
    long bytes() {
        return bytes;
    }

    /** When the weights were used last, on the clock of their cache. */
    long lastUse() {
        return lastUse;
    }

    /** Notes a use at a time on the clock of their cache. */
    void use(long time) {
        lastUse = time;
    }

    /**
     * Ties the weights to the manager of the cores.
     *
     * @param onClose what to do when that manager is closed
     */
    synchronized void attach(AutoCloseable onClose) {
        if (!retired) {
            attachedAs = "kept weights " + manager.getName();
            owner.attachUncappedInternal(attachedAs, onClose);
        }
    }

    /** Whether these weights are what a program would compute from the cores as they are now. */
    boolean fit(WeightProgram wanted, NDList cores, long coresFingerprint) {
        if (fingerprint != coresFingerprint || !program.equals(wanted)) {
            return false;
        }
        for (int n = 0; n < coreIds.size(); n++) {
            if (!coreIds.get(n).equals(cores.get(n).getUid())) {
                return false;
            }
        }
        return true;
    }

    /** Whether these weights were computed from the same arrays, whatever these hold now. */
    boolean replaces(KeptWeights other) {
        return program.equals(other.program) && coreIds.equals(other.coreIds);
    }

    /** The weights, to be given back with {@link #release()}; null if they are closed. */
    public synchronized List<NDArray> acquire() {
        if (retired) {
            return null;
        }
        users++;
        return weights;
    }

    /** Ends one use of the weights. */
    public synchronized void release() {
        users--;
        closeIfDone();
    }

    /** Lets no one else in. */
    public synchronized void retire() {
        retired = true;
        closeIfDone();
    }

    private void closeIfDone() {
        if (!retired || users > 0) {
            return;
        }
        if (attachedAs != null) {
            owner.detachInternal(attachedAs);
            attachedAs = null;
        }
        manager.close();
    }
}
