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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Jobs on disk: {@code jobs/NUMBER} has {@code job.json}, {@code checkpoints} and {@code report}.
 */
@Component
class JobStore {

    private static final Logger LOGGER = LoggerFactory.getLogger(JobStore.class);

    private static final Pattern NUMBER = Pattern.compile("[0-9]{6,12}");
    private static final String FILE = "job.json";

    private final DataFolder data;
    private final JsonMapper json;
    private final Map<String, Job> jobs = new TreeMap<>();
    private long last;

    JobStore(DataFolder data, JsonMapper json) throws IOException {
        this.data = data;
        this.json = json;
        for (Path folder : DataFolder.children(data.jobs())) {
            String id = folder.getFileName().toString();
            if (!NUMBER.matcher(id).matches()) {
                continue;
            }
            last = Math.max(last, Long.parseLong(id));
            try {
                JobView view =
                        json.readValue(Files.readString(folder.resolve(FILE)), JobView.class);
                jobs.put(id, new Job(view));
            } catch (IOException | JacksonException e) {
                LOGGER.warn("{} is no job", folder, e);
            }
        }
    }

    synchronized List<Job> all() {
        return new ArrayList<>(jobs.values());
    }

    synchronized Job get(String id) {
        Job job = jobs.get(id);
        if (job == null) {
            throw Problem.missing("There is no job of this number", id, "GET /api/jobs");
        }
        return job;
    }

    synchronized Job create(JobRequest request) throws IOException {
        String id = "%06d".formatted(++last);
        JobView view =
                new JobView(
                        id,
                        0,
                        request,
                        JobState.QUEUED,
                        "",
                        Instant.now().toString(),
                        null,
                        null,
                        0,
                        null,
                        List.of(),
                        null);
        Path stage = data.stage();
        try {
            Path folder = Files.createDirectory(stage.resolve(id));
            DataFolder.write(folder.resolve(FILE), json.writeValueAsString(view));
            DataFolder.publish(folder, folder(id));
        } finally {
            DataFolder.delete(stage);
        }
        Job job = new Job(view);
        jobs.put(id, job);
        return job;
    }

    /** Writes down what is known of a job now. */
    void write(Job job) throws IOException {
        JobView view = job.view();
        DataFolder.write(folder(view.id()).resolve(FILE), json.writeValueAsString(view));
    }

    synchronized void delete(String id) throws IOException {
        jobs.remove(id);
        data.discard(folder(id));
    }

    private Path folder(String id) {
        return data.jobs().resolve(id);
    }

    Path checkpoints(String id) {
        return folder(id).resolve("checkpoints");
    }

    Path report(String id) {
        return folder(id).resolve("report");
    }
}
