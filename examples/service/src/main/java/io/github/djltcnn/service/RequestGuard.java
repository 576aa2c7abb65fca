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

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps pages of others from changing anything here, and this page from loading anything from
 * there.
 */
@Component
class RequestGuard extends OncePerRequestFilter {

    private final JsonMapper json;

    RequestGuard(JsonMapper json) {
        super();
        this.json = json;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("Content-Security-Policy", "default-src 'self'; img-src 'self' blob:");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        String origin = request.getHeader("Origin");
        if (origin != null && !isOwn(origin, request.getHeader("Host"))) {
            refuse(
                    response,
                    new Problem(
                            HttpStatus.FORBIDDEN,
                            "A page of another site asks",
                            origin,
                            "the page of this service, and programs"));
            return;
        }
        String type = String.valueOf(request.getContentType());
        // A form would be read before it comes to what takes the body as it is.
        if ((type.startsWith("application/x-www-form-urlencoded") || type.startsWith("multipart/"))
                && request.getContentLengthLong() != 0) {
            refuse(
                    response,
                    new Problem(
                            HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                            "This service takes no forms",
                            type,
                            "the file as the body, with its own type such as image/png or"
                                    + " application/zip; application/json for jobs"));
            return;
        }
        chain.doFilter(request, response);
    }

    private void refuse(HttpServletResponse response, Problem problem) throws IOException {
        response.setStatus(problem.status().value());
        response.setContentType("application/json");
        response.getOutputStream()
                .write(json.writeValueAsString(problem.answer()).getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isOwn(String origin, String host) {
        try {
            return URI.create(origin).getRawAuthority() != null
                    && URI.create(origin).getRawAuthority().equals(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
