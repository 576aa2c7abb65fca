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
package io.github.djltcnn.service;

import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Works on jobs, one at a time: DJL trains one model at a time in a process. A job that was running
 * when the service stopped or was killed is the first when it starts again.
 */
@Component
class JobQueue {

    private static final Logger LOGGER = LoggerFactory.getLogger(JobQueue.class);

    private static final long STOP_MILLIS = 60_000;

    private final JobStore store;
    private final DataFolder data;
    private final ModelStore models;
    private final PictureSets pictures;
    private final int most;
    private final Map<JobKind, JobWork> works = new EnumMap<>(JobKind.class);
    private final Deque<Job> queue = new ArrayDeque<>();
    private final Thread worker = new Thread(this::work, "jobs");
    private Job running;
    private boolean closing;

    JobQueue(
            JobStore store,
            DataFolder data,
            ModelStore models,
            PictureSets pictures,
            List<JobWork> works,
            ServiceSettings settings) {
        this.store = store;
        this.data = data;
        this.models = models;
        this.pictures = pictures;
        most = settings.queuedJobs();
        works.forEach(work -> this.works.put(work.kind(), work));
        worker.setDaemon(true);
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        synchronized (this) {
            for (Job job : store.all()) {
                JobState state = job.view().state();
                if (state == JobState.RUNNING) {
                    job.change(v -> v.with(JobState.QUEUED, "The service stopped; it goes on."));
                    queue.addFirst(job);
                } else if (state == JobState.QUEUED) {
                    queue.addLast(job);
                }
            }
        }
        worker.start();
    }

    /** Takes a job, or says why not. */
    synchronized Job submit(JobRequest asked) throws IOException {
        JobRequest request = asked.checked();
        check(request);
        data.require(0);
        Job job = store.create(request);
        enqueue(job);
        return job;
    }

    private void check(JobRequest request) {
        models.checkThere(request.model());
        if (request.other() != null) {
            models.checkThere(request.other());
        }
        pictures.folder(request.pictures());
        if (request.name() != null) {
            models.checkNew(request.name());
            for (Job job : pending()) {
                if (request.name().equals(job.view().request().name())) {
                    throw Problem.conflict(
                            "A job makes a model of this name already",
                            request.name(),
                            "another name; that is job " + job.view().id());
                }
            }
        }
        if (queue.size() + (running == null ? 0 : 1) >= most) {
            throw Problem.busy("Too many jobs wait", queue.size(), most);
        }
    }

    private List<Job> pending() {
        return store.all().stream().filter(job -> !job.view().state().isEnd()).toList();
    }

    private void enqueue(Job job) {
        queue.addLast(job);
        notifyAll();
    }

    /** Asks a job to stop; one that waits stops at once. */
    synchronized Job cancel(String id) throws IOException {
        Job job = store.get(id);
        if (job.view().state().isEnd()) {
            throw Problem.conflict("The job has ended", job.view().state(), "a job that goes on");
        }
        if (queue.remove(job)) {
            end(job, new JobWork.End(JobState.CANCELLED, "Stopped before it began."));
        } else {
            job.cancel();
        }
        return job;
    }

    /** Lets a job go on that was stopped or failed. */
    synchronized Job resume(String id) throws IOException {
        Job job = store.get(id);
        JobState state = job.view().state();
        if (state != JobState.CANCELLED && state != JobState.FAILED) {
            throw Problem.conflict(
                    "The job cannot go on", state, "a job that was stopped or failed");
        }
        check(job.view().request());
        data.require(0);
        job.reset();
        job.change(v -> v.with(JobState.QUEUED, "").endedAt(null));
        store.write(job);
        enqueue(job);
        return job;
    }

    synchronized void delete(String id) throws IOException {
        Job job = store.get(id);
        if (!job.view().state().isEnd()) {
            throw Problem.conflict(
                    "The job goes on", job.view().state(), "a job that has ended; stop it first");
        }
        store.delete(id);
    }

    /** Refuses to delete what a job needs that is not done. */
    synchronized void checkUnused(String model, String set) {
        for (Job job : pending()) {
            JobRequest request = job.view().request();
            boolean needs =
                    (model != null
                                    && (model.equals(request.model())
                                            || model.equals(request.other())))
                            || (set != null && set.equals(request.pictures()));
            if (needs) {
                throw Problem.conflict(
                        "A job needs it",
                        Objects.requireNonNullElse(model, set),
                        "stop job " + job.view().id() + " first");
            }
        }
    }

    private void work() {
        for (Job job = take(); job != null; job = take()) {
            try {
                run(job);
            } catch (IOException e) {
                LOGGER.error("What became of job {} cannot be written", job.view().id(), e);
            } finally {
                synchronized (this) {
                    running = null;
                }
            }
        }
    }

    private synchronized Job take() {
        while (queue.isEmpty() && !closing) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
        running = closing ? null : queue.removeFirst();
        return running;
    }

    private void run(Job job) throws IOException {
        String id = job.view().id();
        LOGGER.info("Job {} starts: {}", id, job.view().request());
        job.change(v -> v.startedAt(Instant.now().toString()));
        JobWork.End end;
        try {
            store.write(job);
            data.require(0);
            end = works.get(job.view().request().kind()).run(job);
        } catch (Exception e) {
            end = failure(id, e);
        } catch (OutOfMemoryError e) {
            end =
                    new JobWork.End(
                            JobState.FAILED, "The memory of the service is too small for it.");
        }
        synchronized (this) {
            if (closing && end.state() == JobState.CANCELLED) {
                // The service stops, nobody asked for that: it goes on at the next start.
                job.change(v -> v.with(JobState.QUEUED, "The service stopped; it goes on."));
                store.write(job);
                return;
            }
        }
        end(job, end);
    }

    private static JobWork.End failure(String id, Exception e) {
        if (e instanceof Problem || e instanceof IllegalArgumentException) {
            return new JobWork.End(JobState.FAILED, e.getMessage());
        }
        LOGGER.error("Job {} failed", id, e);
        return new JobWork.End(
                JobState.FAILED,
                Problems.isFull(e)
                        ? "The disk of the service is full. Make space, and let the job go on."
                        : e.getClass().getSimpleName() + ": " + e.getMessage());
    }

    private void end(Job job, JobWork.End end) throws IOException {
        job.change(v -> v.with(end.state(), end.message()).endedAt(Instant.now().toString()));
        LOGGER.info("Job {}: {} {}", job.view().id(), end.state(), end.message());
        store.write(job);
    }

    @PreDestroy
    void close() throws InterruptedException {
        Job last;
        synchronized (this) {
            closing = true;
            last = running;
            notifyAll();
        }
        if (last != null) {
            last.cancel();
        }
        store.all().forEach(Job::close);
        worker.join(STOP_MILLIS);
    }
}
