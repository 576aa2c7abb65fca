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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Every failure becomes a JSON answer that says what is wrong. */
@RestControllerAdvice
class Problems {

    private static final Logger LOGGER = LoggerFactory.getLogger(Problems.class);

    @ExceptionHandler
    ResponseEntity<Problem.Answer> any(Exception e, HttpServletResponse response) {
        if (response.isCommitted() || e instanceof AsyncRequestNotUsableException) {
            LOGGER.debug("A client left", e);
            return null;
        }
        if (e instanceof Problem problem) {
            return answer(problem.status(), problem.answer());
        }
        if (e instanceof HttpMessageNotReadableException) {
            return answer(
                    HttpStatus.BAD_REQUEST,
                    "The body is no request: " + firstLine(root(e)),
                    null,
                    "a JSON object of the fields in docs/serving.md");
        }
        if (e instanceof MethodArgumentTypeMismatchException mismatch) {
            return answer(
                    HttpStatus.BAD_REQUEST,
                    "The parameter " + mismatch.getName() + " has another type",
                    Problem.shown(String.valueOf(mismatch.getValue())),
                    mismatch.getRequiredType() == null
                            ? null
                            : mismatch.getRequiredType().getSimpleName());
        }
        if (e instanceof ErrorResponse known) {
            return answer(known.getStatusCode(), known.getBody().getDetail(), null, null);
        }
        if (e instanceof IOException && isFull(e)) {
            return answer(
                    HttpStatus.INSUFFICIENT_STORAGE,
                    "The disk of the service is full",
                    null,
                    "delete pictures, models or jobs, or make space");
        }
        LOGGER.error("A request failed", e);
        return answer(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "The service failed; its log says more: " + firstLine(e),
                null,
                null);
    }

    private static ResponseEntity<Problem.Answer> answer(
            HttpStatusCode status, String error, String given, String allowed) {
        return answer(status, new Problem.Answer(status.value(), error, given, allowed));
    }

    private static ResponseEntity<Problem.Answer> answer(
            HttpStatusCode status, Problem.Answer answer) {
        return ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON).body(answer);
    }

    static boolean isFull(Exception e) {
        return String.valueOf(e.getMessage()).contains("No space left on device");
    }

    private static Throwable root(Throwable e) {
        return e.getCause() == null || e.getCause() == e ? e : root(e.getCause());
    }

    private static String firstLine(Throwable e) {
        return Problem.shown(
                String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getName()));
    }
}
