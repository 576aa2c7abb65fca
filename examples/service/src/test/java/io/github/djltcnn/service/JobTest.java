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
import java.util.HashMap;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import tools.jackson.databind.JsonNode;

/** Jobs: what is refused, stopping and going on. */
public class JobTest {

    private RunningService.Client client;

    @BeforeClass
    public void start() throws IOException {
        client = RunningService.shared().client();
        client.put("/api/pictures/jobs", Zips.zip(Zips.stripes(8)), 201);
    }

    private static Map<String, Object> request(Object... changes) {
        Map<String, Object> request = new HashMap<>();
        request.put("kind", "fine-tune");
        request.put("model", "resnet20_fashionmnist");
        request.put("pictures", "jobs");
        request.put("name", "refused");
        for (int n = 0; n < changes.length; n += 2) {
            request.put((String) changes[n], changes[n + 1]);
        }
        return request;
    }

    @DataProvider
    public Object[][] refused() {
        return new Object[][] {
            {request("kind", "train"), 400, "fine-tune"},
            {request("kind", null), 400, "kind"},
            {request("model", "none"), 404, "none"},
            {request("model", "../x"), 400, "letters"},
            {request("pictures", "none"), 404, "none"},
            {request("name", null), 400, "name"},
            {request("name", "a/b"), 400, "letters"},
            {request("name", "resnet20_fashionmnist"), 409, "another name"},
            {request("name", "resnet20"), 409, "another name"},
            {request("epochs", 0), 400, "1.0 to 200"},
            {request("epochs", "x"), 400, "no request"},
            {request("batchSize", 1000), 400, "256"},
            {request("learningRate", -1), 400, "learningRate"},
            {request("channels", 2), 400, "1 or 3"},
            {request("imageSize", 4096), 400, "256"},
            {request("share", 0.5), 400, "leave it out"},
            {request("unknown", 1), 400, "unknown"},
            {request("kind", "compress", "format", "zip"), 400, "tucker2"},
            {request("kind", "compress", "share", 1.5), 400, "0.98"},
            {request("kind", "compress", "epochs", 3), 400, "leave it out"},
            {request("kind", "compare", "name", null), 400, "model"},
            {request("kind", "compare", "name", null, "other", "none"), 404, "none"},
        };
    }

    @Test(dataProvider = "refused")
    public void whatCannotBeDoneIsRefused(Map<String, Object> request, int status, String word) {
        int before = client.get("/api/jobs").size();
        JsonNode answer = client.job(request, status);
        Assert.assertTrue(answer.path("error").asString().length() > 10, answer.toString());
        Assert.assertTrue(answer.toString().contains(word), answer.toString());
        Assert.assertEquals(client.get("/api/jobs").size(), before);
    }

    @DataProvider
    public Object[][] pictures() {
        return new Object[][] {
            {Zips.text("no picture"), 400, "no picture"},
            {new byte[0], 400, "empty"},
            {Zips.hugePng(), 413, "60000 x 60000"},
            {new byte[(20 << 20) + 1], 413, "too large"},
        };
    }

    @Test(dataProvider = "pictures")
    public void predictionsRefuseWhatIsNoPicture(byte[] body, int status, String word) {
        JsonNode answer =
                client.post("/api/models/resnet20_fashionmnist/predictions", body, status);
        Assert.assertTrue(answer.toString().contains(word), answer.toString());
    }

    @Test
    public void predictionsRefuseOtherParameters() {
        byte[] png = Zips.picture(true, 1, "png");
        String path = "/api/models/resnet20_fashionmnist/predictions";
        client.post(path + "?top=0", png, 400);
        client.post(path + "?top=x", png, 400);
        client.post(path + "?compile=perhaps", png, 400);
        client.post("/api/models/none/predictions", png, 404);
        client.json(client.request(path), 405);
    }

    @Test
    public void stopAndGoOn() {
        String first = client.tune("jobs", "stopped", 200);
        String second = client.tune("jobs", "waiting", 1);
        client.job(request("name", "stopped"), 409);
        client.delete("/api/pictures/jobs", 409);
        client.delete("/api/jobs/" + first, 409);
        client.post("/api/jobs/" + second + "/cancel", 202);
        Assert.assertEquals(client.await(second, JobState.CANCELLED).path("starts").asInt(), 0);
        client.await(first, 1);
        client.post("/api/jobs/" + first + "/cancel", 202);
        JsonNode stopped = client.await(first, JobState.CANCELLED);
        int epochs = stopped.path("epochs").size();
        Assert.assertTrue(stopped.path("message").asString().contains("Stopped"));
        client.json(client.request("/api/models/stopped"), 404);
        client.post("/api/jobs/" + first + "/cancel", 409);

        client.post("/api/jobs/" + first + "/resume", 202);
        JsonNode further = client.await(first, epochs + 1);
        Assert.assertEquals(further.path("starts").asInt(), 2);
        for (int n = 0; n < epochs; n++) {
            Assert.assertEquals(further.path("epochs").get(n), stopped.path("epochs").get(n));
        }
        client.post("/api/jobs/" + first + "/cancel", 202);
        client.await(first, JobState.CANCELLED);
        client.delete("/api/jobs/" + first, 204);
        client.json(client.request("/api/jobs/" + first), 404);
        client.delete("/api/jobs/" + second, 204);
    }

    @Test
    public void aFullDiskIsSaid() throws IOException {
        RunningService service = RunningService.shared();
        long before = service.space.get();
        try {
            service.space.set(0);
            Assert.assertTrue(client.job(request(), 507).toString().contains("delete"));
        } finally {
            service.space.set(before);
        }
    }

    @Test
    public void oneServiceHasAFolder() {
        Assert.assertThrows(
                Exception.class, () -> RunningService.start(RunningService.shared().data).close());
    }

    @Test
    public void aJobThatFailsSaysWhy() {
        // Its labels are clothes; the folders are none of them.
        String job =
                client.job(
                                Map.of(
                                        "kind", "compare",
                                        "model", "resnet20_fashionmnist",
                                        "other", "resnet20_fashionmnist",
                                        "pictures", "jobs"),
                                202)
                        .path("id")
                        .asString();
        JsonNode failed = client.await(job, JobState.FAILED);
        Assert.assertTrue(failed.path("message").asString().contains("längs"), failed.toString());
    }
}
