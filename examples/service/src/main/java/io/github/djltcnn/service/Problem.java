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

import org.springframework.http.HttpStatus;

/** Something that a client asked for and does not get, with what it gave and what is allowed. */
final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int SHOWN = 200;

    private final HttpStatus status;
    private final String given;
    private final String allowed;

    Problem(HttpStatus status, String message, Object given, Object allowed) {
        super(message);
        this.status = status;
        this.given = shown(String.valueOf(given));
        this.allowed = String.valueOf(allowed);
    }

    static Problem bad(String message, Object given, Object allowed) {
        return new Problem(HttpStatus.BAD_REQUEST, message, given, allowed);
    }

    static Problem tooLarge(String message, Object given, Object allowed) {
        return new Problem(HttpStatus.CONTENT_TOO_LARGE, message, given, allowed);
    }

    static Problem missing(String message, Object given, Object allowed) {
        return new Problem(HttpStatus.NOT_FOUND, message, given, allowed);
    }

    static Problem conflict(String message, Object given, Object allowed) {
        return new Problem(HttpStatus.CONFLICT, message, given, allowed);
    }

    static Problem busy(String message, Object given, Object allowed) {
        return new Problem(HttpStatus.TOO_MANY_REQUESTS, message, given, allowed);
    }

    static Problem full(long needed, long free, long reserve) {
        return new Problem(
                HttpStatus.INSUFFICIENT_STORAGE,
                "There is not enough free space on the disk of the service",
                needed + " bytes",
                Math.max(0, free - reserve)
                        + " bytes ("
                        + free
                        + " are free, "
                        + reserve
                        + " are kept); delete pictures, models or jobs, or make space");
    }

    /** Text of a client, of a length that can be shown, without control characters. */
    static String shown(String text) {
        String clean =
                text.codePoints()
                        .limit(SHOWN + 1L)
                        .map(c -> Character.isISOControl(c) ? '?' : c)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString();
        return clean.length() > SHOWN ? clean.substring(0, SHOWN) + ".." : clean;
    }

    HttpStatus status() {
        return status;
    }

    Answer answer() {
        return new Answer(status.value(), getMessage(), given, allowed);
    }

    /**
     * What the client reads.
     *
     * @param status the status of HTTP
     * @param error what is wrong
     * @param given what was given; null where that is not known
     * @param allowed what is allowed; null where that is not known
     */
    record Answer(int status, String error, String given, String allowed) {}
}
