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

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Jobs, and what they say while they work. */
@RestController
@RequestMapping("/api/jobs")
class JobController {

    private static final Duration QUIET = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 200;

    private final JobStore store;
    private final JobQueue queue;
    private final JsonMapper json;
    private final int watchers;
    private final Semaphore free;

    JobController(JobStore store, JobQueue queue, JsonMapper json, ServiceSettings settings) {
        this.store = store;
        this.queue = queue;
        this.json = json;
        watchers = settings.watchers();
        free = new Semaphore(watchers);
    }

    @GetMapping
    List<JobView> list() {
        return store.all().stream().map(Job::view).toList();
    }

    @GetMapping("/{id}")
    JobView get(@PathVariable String id) {
        return store.get(id).view();
    }

    @PostMapping
    @ResponseStatus(HttpStatus.ACCEPTED)
    JobView submit(@RequestBody JobRequest request) throws IOException {
        return queue.submit(request).view();
    }

    @PostMapping("/{id}/cancel")
    @ResponseStatus(HttpStatus.ACCEPTED)
    JobView cancel(@PathVariable String id) throws IOException {
        return queue.cancel(id).view();
    }

    @PostMapping("/{id}/resume")
    @ResponseStatus(HttpStatus.ACCEPTED)
    JobView resume(@PathVariable String id) throws IOException {
        return queue.resume(id).view();
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) throws IOException {
        queue.delete(id);
    }

    @GetMapping("/{id}/report/{file:[a-z]+\\.(?:json|csv|png|html|md|txt)}")
    ResponseEntity<Resource> report(@PathVariable String id, @PathVariable String file) {
        Path path = store.report(store.get(id).view().id()).resolve(file);
        if (!Files.isRegularFile(path)) {
            throw Problem.missing("The job has no such file", file, "files of a job that is done");
        }
        return ResponseEntity.ok()
                .contentType(
                        MediaTypeFactory.getMediaType(file)
                                .orElse(MediaType.APPLICATION_OCTET_STREAM))
                .body(new FileSystemResource(path));
    }

    /**
     * Server-sent events: the whole job at once and after every change, at most five times a
     * second, until it ends. A thread for each connection, so that a slow one delays nobody.
     */
    @GetMapping("/{id}/events")
    void events(@PathVariable String id, HttpServletResponse response)
            throws IOException, InterruptedException {
        Job job = store.get(id);
        if (!free.tryAcquire()) {
            throw Problem.busy("Too many connections watch jobs", watchers + 1, watchers);
        }
        try {
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader("Cache-Control", "no-store");
            OutputStream out = response.getOutputStream();
            long seen = -1;
            while (!job.isClosed()) {
                JobView view = job.await(seen, QUIET);
                out.write(event(view, view.version() == seen));
                out.flush();
                seen = view.version();
                if (view.state().isEnd()) {
                    return;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } finally {
            free.release();
        }
    }

    private byte[] event(JobView view, boolean same) {
        String text =
                same
                        ? ": still at it\n\n"
                        : "id: "
                                + view.version()
                                + "\nevent: job\ndata: "
                                + json.writeValueAsString(view)
                                + "\n\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
