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

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws the packages as rooms, each above those that it uses, as an SVG. Arrows that follow from
 * longer ways are left out.
 */
final class RoomsDrawing {

    private static final int BOX_WIDTH = 200;
    private static final int BOX_HEIGHT = 40;
    private static final int ROW_HEIGHT = 92;
    private static final int GAP = 18;
    private static final int BEND_WIDTH = 8;
    private static final int SORTINGS = 24;

    private final Rooms rooms;
    private final Map<String, Integer> rows = new HashMap<>();
    private final List<List<Node>> grid = new ArrayList<>();
    private final List<Node[]> lines = new ArrayList<>();

    /** A room, or the bend of an arrow where it passes a row. */
    private static final class Node {
        private final String room;
        private final List<Node> above = new ArrayList<>();
        private final List<Node> below = new ArrayList<>();
        private double x;

        Node(String room) {
            this.room = room;
        }

        int width() {
            return room == null ? BEND_WIDTH : BOX_WIDTH;
        }
    }

    private RoomsDrawing(Rooms rooms) {
        this.rooms = rooms;
        rooms.files().keySet().forEach(this::row);
        int most = rows.values().stream().max(Comparator.naturalOrder()).orElse(0);
        for (int row = 0; row <= most; row++) {
            grid.add(new ArrayList<>());
        }
        Map<String, Node> nodes = new HashMap<>();
        for (String room : rooms.files().keySet()) {
            Node node = new Node(room);
            nodes.put(room, node);
            grid.get(rows.get(room)).add(node);
        }
        rooms.uses()
                .forEach(
                        (from, used) ->
                                used.stream()
                                        .filter(to -> !rooms.isImplied(from, to))
                                        .forEach(to -> connect(nodes, from, to)));
        arrange();
    }

    /** Returns the drawing. */
    static String svg(Rooms rooms) {
        return new RoomsDrawing(rooms).draw();
    }

    /** The row of a room, counted from the bottom: one above the highest room that it uses. */
    private int row(String room) {
        Integer known = rows.get(room);
        if (known != null) {
            return known;
        }
        int row = 0;
        for (String used : rooms.uses().get(room)) {
            row = Math.max(row, row(used) + 1);
        }
        rows.put(room, row);
        return row;
    }

    private void connect(Map<String, Node> nodes, String from, String to) {
        List<Node> line = new ArrayList<>(List.of(nodes.get(from)));
        for (int row = rows.get(from) - 1; row > rows.get(to); row--) {
            Node bend = new Node(null);
            grid.get(row).add(bend);
            line.add(bend);
        }
        line.add(nodes.get(to));
        for (int n = 1; n < line.size(); n++) {
            line.get(n - 1).below.add(line.get(n));
            line.get(n).above.add(line.get(n - 1));
        }
        lines.add(line.toArray(Node[]::new));
    }

    /** Orders each row by the mean place of its neighbours, up and down, and centres it. */
    private void arrange() {
        grid.forEach(RoomsDrawing::place);
        for (int sorting = 0; sorting < SORTINGS; sorting++) {
            boolean down = sorting % 2 == 0;
            for (int n = 0; n < grid.size(); n++) {
                List<Node> row = grid.get(down ? grid.size() - 1 - n : n);
                Map<Node, Double> wanted = new HashMap<>();
                for (Node node : row) {
                    List<Node> near = down ? node.above : node.below;
                    wanted.put(node, near.stream().mapToDouble(o -> o.x).average().orElse(node.x));
                }
                row.sort(Comparator.comparingDouble(wanted::get));
                place(row);
            }
        }
    }

    private static void place(List<Node> row) {
        double total = (row.size() - 1) * GAP;
        for (Node node : row) {
            total += node.width();
        }
        double x = -total / 2;
        for (Node node : row) {
            node.x = x + node.width() / 2.0;
            x += node.width() + GAP;
        }
    }

    private String draw() {
        double left = Double.MAX_VALUE;
        double right = -Double.MAX_VALUE;
        for (List<Node> row : grid) {
            for (Node node : row) {
                left = Math.min(left, node.x - node.width() / 2.0);
                right = Math.max(right, node.x + node.width() / 2.0);
            }
        }
        int width = (int) Math.ceil(right - left) + 2 * GAP;
        int height = grid.size() * ROW_HEIGHT;
        StringBuilder svg = new StringBuilder(1 << 14);
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                                + " viewBox=\"%.0f 0 %d %d\" font-family=\"sans-serif\">%n",
                        width,
                        height,
                        left - GAP,
                        width,
                        height));
        svg.append("<title>The packages of djl-tcnn; each uses those below it</title>\n")
                .append("<defs><marker id=\"tip\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\"")
                .append(" refY=\"4\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#666\"/>")
                .append("</marker></defs>\n")
                .append(String.format(Locale.ROOT, "<rect x=\"%.0f\"", left - GAP))
                .append(" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        lines.forEach(line -> drawLine(svg, line));
        for (List<Node> row : grid) {
            row.stream().filter(node -> node.room != null).forEach(node -> drawBox(svg, node));
        }
        return svg.append("</svg>\n").toString().replace("\r\n", "\n");
    }

    private void drawLine(StringBuilder svg, Node... line) {
        int row = rows.get(line[0].room);
        double y = bottom(row);
        svg.append(String.format(Locale.ROOT, "<path d=\"M%.0f,%.0f", line[0].x, y));
        for (int n = 1; n < line.length; n++) {
            double top = top(row - n);
            double middle = (y + top) / 2;
            svg.append(
                    String.format(
                            Locale.ROOT,
                            " C%.0f,%.0f %.0f,%.0f %.0f,%.0f",
                            line[n - 1].x,
                            middle,
                            line[n].x,
                            middle,
                            line[n].x,
                            top));
            if (line[n].room == null) {
                y = bottom(row - n);
                svg.append(String.format(Locale.ROOT, " L%.0f,%.0f", line[n].x, y));
            }
        }
        svg.append("\" fill=\"none\" stroke=\"#666\" marker-end=\"url(#tip)\"/>\n");
    }

    private void drawBox(StringBuilder svg, Node node) {
        double y = top(rows.get(node.room));
        boolean internal = node.room.contains("internal");
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%d\" rx=\"5\""
                                + " fill=\"%s\" stroke=\"#357\"/>%n",
                        node.x - BOX_WIDTH / 2.0,
                        y,
                        BOX_WIDTH,
                        BOX_HEIGHT,
                        internal ? "#f2f2f2" : "#dcebff"));
        text(svg, node.x, y + 17, 12, node.room.replace(".internal", "·internal"));
        int files = rooms.files().get(node.room);
        text(svg, node.x, y + 32, 10, files + (files == 1 ? " file" : " files"));
    }

    private static void text(StringBuilder svg, double x, double y, int size, String what) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<text x=\"%.0f\" y=\"%.0f\" font-size=\"%d\" text-anchor=\"middle\">"
                                + "%s</text>%n",
                        x,
                        y,
                        size,
                        what));
    }

    private double top(int row) {
        return (grid.size() - 1 - row) * ROW_HEIGHT + (ROW_HEIGHT - BOX_HEIGHT) / 2.0;
    }

    private double bottom(int row) {
        return top(row) + BOX_HEIGHT;
    }
}
