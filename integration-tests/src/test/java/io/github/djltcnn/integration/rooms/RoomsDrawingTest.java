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
package io.github.djltcnn.integration.rooms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * The drawing of docs/architecture.md shows the packages as they are. With {@code
 * -Drooms.draw=true} it is drawn anew.
 */
public class RoomsDrawingTest {

    private static final Path DRAWING = Path.of("..", "docs", "images", "rooms.svg");

    @Test
    public void testDrawingIsOfTheseRooms() throws IOException {
        Rooms rooms = Rooms.read();
        if (Boolean.getBoolean("rooms.draw")) {
            Files.writeString(DRAWING, RoomsDrawing.svg(rooms));
        }
        String drawn = Files.readString(DRAWING).replace("\r\n", "\n");
        Assert.assertEquals(
                drawn,
                RoomsDrawing.svg(rooms),
                "docs/images/rooms.svg is not of the packages as they are; docs/architecture.md"
                        + " has the command that draws it anew:");
    }

    @Test
    public void testNoRoomIsCrowded() {
        Rooms.read()
                .files()
                .forEach(
                        (room, files) ->
                                Assert.assertTrue(
                                        files <= 25,
                                        room + " has " + files + " files, at most 25"));
    }
}
