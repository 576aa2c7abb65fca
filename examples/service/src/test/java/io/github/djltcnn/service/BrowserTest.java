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
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The page in a real browser: what a user does, by mouse and by keyboard. */
public class BrowserTest {

    private static final Duration SOON = Duration.ofMinutes(2);

    private RunningService service;
    private Browser browser;
    private Path folder;

    @BeforeClass
    public void start() throws Exception {
        if (Browser.program() == null) {
            throw new SkipException(
                    "There is no Chromium on this machine (apt-get install chromium), so the page"
                            + " is not tested");
        }
        folder = Files.createTempDirectory("page");
        service = RunningService.start(folder.resolve("data"));
        browser = Browser.start(1200, 900);
    }

    @AfterClass(alwaysRun = true)
    public void stop() throws IOException {
        if (browser != null) {
            browser.close();
        }
        if (service != null) {
            service.close();
        }
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private void value(String selector, String value) throws IOException, InterruptedException {
        browser.eval(
                "(() => { const e = document.querySelector('"
                        + selector
                        + "'); e.value = '"
                        + value
                        + "'; e.dispatchEvent(new Event('change', {bubbles: true})); })()");
    }

    private void click(String selector) throws IOException, InterruptedException {
        browser.eval("document.querySelector('" + selector + "').click()");
    }

    @Test
    public void aUserGoesTheWholeWay() throws Exception {
        browser.open(service.client().base() + "/");
        browser.await("document.body?.dataset.ready === 'true'", SOON);
        browser.await(
                "document.querySelector('#model-table tbody').innerText.includes('zoo')", SOON);

        // An error stands where it arises, and goes away.
        value("#upload [name=name]", "stripes");
        browser.choose("#upload [name=file]", write("no.zip", Zips.text("no zip")));
        click("#upload button");
        browser.await("!document.querySelector('#upload-error').hidden", SOON);
        String error = browser.eval("document.querySelector('#upload-error').innerText").asString();
        Assert.assertTrue(error.contains("no zip"), error);
        browser.choose("#upload [name=file]", write("stripes.zip", Zips.zip(Zips.stripes(12))));
        click("#upload button");
        browser.await("document.querySelector('#sets').innerText.includes('längs (12)')", SOON);
        Assert.assertTrue(
                browser.eval("document.querySelector('#upload-error').hidden").asBoolean());

        value("#job [name=name]", "mine");
        value("#job [name=epochs]", "3");
        value("#job [name=batchSize]", "8");
        value("#job [name=imageSize]", "8");
        value("#job [name=model]", "resnet20_fashionmnist");
        // By keyboard.
        browser.eval("document.querySelector('#job button').focus()");
        browser.press("Enter");
        browser.await("document.querySelector('#job-list .state')?.innerText === 'done'", SOON);
        browser.await("!document.querySelector('#confusion').hidden", SOON);
        Assert.assertEquals(
                browser.eval("document.querySelectorAll('#curves-svg circle').length").asInt(), 12);
        Assert.assertEquals(
                browser.eval("document.querySelectorAll('#confusion td').length").asInt(), 1 + 4);
        browser.await(
                "[...document.querySelector('#try-model').options].some(o => o.value === 'mine')",
                SOON);

        value("#try-model", "mine");
        browser.choose("#drop-file", write("one.png", Zips.picture(true, 7, "png")));
        browser.await("document.querySelectorAll('#guesses li').length === 2", SOON);
        browser.choose("#drop-file", write("none.png", Zips.text("no picture")));
        browser.await("!document.querySelector('#try-error').hidden", SOON);
        error = browser.eval("document.querySelector('#try-error').innerText").asString();
        Assert.assertTrue(error.contains("no picture"), error);

        // Refused answers are logged by the browser; nothing else is wrong, nothing came from
        // elsewhere.
        List<String> complaints =
                browser.complaints().stream()
                        .filter(c -> !c.contains("400"))
                        .filter(c -> !c.contains("blob:"))
                        .toList();
        Assert.assertEquals(complaints, List.of());
        Assert.assertEquals(
                browser.eval(
                                "performance.getEntriesByType('resource').map(r => r.name).filter(n"
                                        + " => !n.startsWith(location.origin) &&"
                                        + " !n.startsWith('blob:')).length")
                        .asInt(),
                0);
    }

    /** Every field has a name that is read out; tables have captions; one main heading. */
    @Test(dependsOnMethods = "aUserGoesTheWholeWay")
    public void everyFieldHasALabel() throws Exception {
        Assert.assertEquals(
                browser.eval(
                                "[...document.querySelectorAll('input, select, button, progress')]"
                                        + ".filter(e => !(e.labels?.length &&"
                                        + " e.labels[0].innerText.trim()) && !e.ariaLabel &&"
                                        + " !e.innerText.trim() && !e.closest('[hidden]')).map(e =>"
                                        + " e.outerHTML).join()")
                        .asString(),
                "");
        Assert.assertEquals(
                browser.eval("document.querySelectorAll('section:not([aria-labelledby])').length")
                        .asInt(),
                0);
        Assert.assertEquals(browser.eval("document.querySelectorAll('h1').length").asInt(), 1);
        // The first stop of the Tab key skips the rest.
        browser.open(service.client().base() + "/");
        browser.await("document.body?.dataset.ready === 'true'", SOON);
        browser.press("Tab");
        Assert.assertEquals(browser.eval("document.activeElement.className").asString(), "skip");
    }
}
