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
package io.github.djltcnn.runtime;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many threads libtorch should use.
 *
 * <p>The threads of one operation of libtorch wait for one another busily. With a core for each
 * they are faster than one; where other programs, or other predictors of the same process, want the
 * cores too, every operation waits for a thread that waits for a core. Two torch threads then took
 * 308 seconds for a fine-tuning that one did in 28, on two busy cores. So:
 *
 * <ul>
 *   <li>one worker (a training, or one predictor): a torch thread per core that is idle;
 *   <li>several workers at once: the cores divided among them, at least one each.
 * </ul>
 *
 * <p>DJL sets the number when its engine starts, from the system property {@value #PROPERTY}; the
 * default of libtorch is a thread per core.
 *
 * @param torchThreads the advice for {@value #PROPERTY}
 * @param cores the cores of this process
 * @param load how many threads of all programs have been running on average in the last minute; NaN
 *     where the system does not say
 * @param workers how many predictors or trainings are at work at once
 * @since 0.1.0
 */
public record ThreadAdvice(int torchThreads, int cores, double load, int workers) {

    /** The system property of DJL that sets the threads of one operation. */
    public static final String PROPERTY = "ai.djl.pytorch.num_threads";

    private static final Logger LOGGER = LoggerFactory.getLogger(ThreadAdvice.class);

    /**
     * Advises for this machine as it is now.
     *
     * @param workers how many predictors or trainings are at work at once
     * @return the advice
     * @throws IllegalArgumentException if there is no worker
     */
    public static ThreadAdvice forWorkers(int workers) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return of(
                workers, Runtime.getRuntime().availableProcessors(), load < 0 ? Double.NaN : load);
    }

    /**
     * Advises for a machine.
     *
     * @param workers how many predictors or trainings are at work at once
     * @param cores its cores
     * @param load the threads that run there already; NaN if that is not known
     * @return the advice
     * @throws IllegalArgumentException if there is no worker or no core, or the load is below 0
     */
    public static ThreadAdvice of(int workers, int cores, double load) {
        if (workers < 1 || cores < 1) {
            throw new IllegalArgumentException(
                    "Advice is for one worker and one core at least, got "
                            + workers
                            + " workers and "
                            + cores
                            + " cores");
        }
        if (load < 0) {
            throw new IllegalArgumentException(
                    "A load is at least 0, NaN if it is not known, got " + load);
        }
        long busy = Double.isNaN(load) ? 0 : Math.round(load);
        long idle = Math.max(1, cores - busy);
        return new ThreadAdvice((int) Math.max(1, idle / workers), cores, load, workers);
    }

    /**
     * Returns the number of torch threads that this process was started with.
     *
     * @return what the property says; the number of cores where it says nothing, as libtorch takes
     *     it
     */
    public static int configured() {
        Integer set = Integer.getInteger(PROPERTY);
        return set != null && set > 0 ? set : Runtime.getRuntime().availableProcessors();
    }

    /**
     * Logs a warning if this process was started with more torch threads than that.
     *
     * @return whether it was
     */
    public boolean warnIfWorse() {
        boolean worse = configured() > torchThreads;
        if (worse) {
            LOGGER.warn("{} This process has {}.", this, configured());
        }
        return worse;
    }

    /** Returns the advice as a sentence. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "-D%s=%d is best for %d worker(s) on %d core(s)%s: more torch threads than idle"
                        + " cores wait for one another, and may be ten times slower.",
                PROPERTY,
                torchThreads,
                workers,
                cores,
                Double.isNaN(load)
                        ? ""
                        : String.format(Locale.ROOT, " under a load of %.1f", load));
    }
}
