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
import java.time.Duration;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes the pictures of the page that the documents show: starts the service with a data folder
 * that has been worked with, opens the page in Chromium, and saves parts of it.
 *
 * <p>Arguments: the data folder, a picture to try, the folder of the pictures to make.
 */
public final class ServicePictures {

    private static final Duration SOON = Duration.ofMinutes(3);

    private ServicePictures() {}

    /**
     * Takes the pictures.
     *
     * @param args the data folder, a picture to try, where to put the pictures
     * @throws Exception if there is no browser, or the page does not come
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 3 || Browser.program() == null) {
            System.err.println(
                    "Arguments: DATA PICTURE FOLDER; Chromium has to be there: "
                            + Browser.program());
            return;
        }
        try (ConfigurableApplicationContext context =
                        new SpringApplicationBuilder(ServiceApplication.class)
                                .run("--server.port=0", "--service.data=" + args[0]);
                Browser browser = Browser.start(1280, 900)) {
            String port = context.getEnvironment().getProperty("local.server.port");
            take(browser, "http://127.0.0.1:" + port + "/", Path.of(args[1]), Path.of(args[2]));
        }
        System.exit(0);
    }

    private static void take(Browser browser, String url, Path picture, Path folder)
            throws IOException, InterruptedException {
        browser.open(url);
        browser.await("document.body?.dataset.ready === 'true'", SOON);
        JsonMapper json = new JsonMapper();
        List<String> kinds = List.of("fine-tune", "compress");
        for (String kind : kinds) {
            String button =
                    "[...document.querySelectorAll('#job-list button')].find(b =>"
                            + " b.innerText.includes("
                            + json.writeValueAsString(kind)
                            + ") && b.innerText.includes('done'))";
            browser.await(button, SOON);
            browser.eval(button + ".click()");
            browser.await(
                    "fine-tune".equals(kind)
                            ? "!document.querySelector('#confusion').hidden"
                            : "!document.querySelector('#before-after').hidden",
                    SOON);
            browser.screenshot("#jobs", folder.resolve("service-" + kind + ".png"));
        }
        browser.choose("#drop-file", picture);
        browser.await("document.querySelectorAll('#guesses li').length > 1", SOON);
        browser.screenshot("#try", folder.resolve("service-try.png"));
        browser.screenshot("body", folder.resolve("service-page.png"));
        for (Path file : DataFolder.children(folder)) {
            if (file.getFileName().toString().startsWith("service-")) {
                System.out.println(file + ": " + Files.size(file) + " bytes");
            }
        }
    }
}
