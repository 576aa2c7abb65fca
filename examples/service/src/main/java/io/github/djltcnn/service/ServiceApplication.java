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

import io.github.djltcnn.runtime.ThreadAdvice;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/**
 * The service. Options are those of {@code application.properties}, such as {@code
 * --server.port=8081 --service.data=/var/lib/pictures}.
 */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(ServiceSettings.class)
public final class ServiceApplication {

    /** For Spring, which makes one. */
    private ServiceApplication() {}

    /**
     * Starts the service.
     *
     * @param args options of Spring
     */
    public static void main(String[] args) {
        // One training and predictions beside it.
        ThreadAdvice.forWorkers(2).warnIfWorse();
        SpringApplication.run(ServiceApplication.class, args);
    }
}
