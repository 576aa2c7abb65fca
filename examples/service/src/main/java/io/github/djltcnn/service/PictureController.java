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

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Sets of pictures. */
@RestController
@RequestMapping("/api/pictures")
class PictureController {

    private final PictureSets sets;
    private final JobQueue queue;

    PictureController(PictureSets sets, JobQueue queue) {
        this.sets = sets;
        this.queue = queue;
    }

    @GetMapping
    List<PictureSet> list() throws IOException {
        return sets.list();
    }

    @GetMapping("/{name}")
    PictureSet get(@PathVariable String name) throws IOException {
        return sets.get(name);
    }

    /** The body is a zip file, as it is: {@code curl -T pictures.zip URL}. */
    @PutMapping("/{name}")
    @ResponseStatus(HttpStatus.CREATED)
    PictureSet put(@PathVariable String name, HttpServletRequest request) throws IOException {
        return sets.upload(name, request.getInputStream(), request.getContentLengthLong());
    }

    @DeleteMapping("/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String name) throws IOException {
        sets.folder(name);
        queue.checkUnused(null, name);
        sets.delete(name);
    }
}
