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

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What {@code application.properties} says of the service.
 *
 * @param data the folder of pictures, models and jobs
 * @param reserve free space that is never used
 * @param loadedModels models that are kept in memory
 * @param queuedJobs jobs that wait or run at once
 * @param watchers connections that watch jobs at once
 * @param measureSeconds how long each time of a compression is measured
 * @param upload bounds of an upload
 */
@ConfigurationProperties("service")
record ServiceSettings(
        Path data,
        DataSize reserve,
        int loadedModels,
        int queuedJobs,
        int watchers,
        double measureSeconds,
        Upload upload) {

    /**
     * Bounds of an upload, which is not trusted.
     *
     * @param bytes of the zip file
     * @param atOnce uploads at a time
     * @param entries in the zip file
     * @param unpackedBytes of all pictures together
     * @param pictureBytes of one picture
     * @param pixels of one picture
     * @param ratio how many times larger than in the zip file a picture may be
     * @param classes folders of pictures
     */
    record Upload(
            DataSize bytes,
            int atOnce,
            int entries,
            DataSize unpackedBytes,
            DataSize pictureBytes,
            long pixels,
            long ratio,
            int classes) {}
}
