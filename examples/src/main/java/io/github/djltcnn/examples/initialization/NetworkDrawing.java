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
package io.github.djltcnn.examples.initialization;

import io.github.djltcnn.network.Core;
import io.github.djltcnn.network.Mode;
import io.github.djltcnn.network.Role;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A network as a picture: cores are discs on a circle, a mode on two cores is a line between them,
 * a mode on more is a dot with a line to each, a mode on one core is a line outwards. Summed modes
 * are drawn dark, modes of the output light.
 */
final class NetworkDrawing {

    private static final double SIZE = 320;
    private static final double CENTRE = SIZE / 2;
    private static final double RADIUS = 85;
    private static final double DISC = 15;
    private static final double STUB = 50;

    private final StringBuilder lines = new StringBuilder(1024);
    private final StringBuilder marks = new StringBuilder(1024);
    private final TensorNetwork network;

    private NetworkDrawing(TensorNetwork network) {
        this.network = network;
    }

    /**
     * Draws a network.
     *
     * @param network the network
     * @return an SVG document
     */
    static String svg(TensorNetwork network) {
        NetworkDrawing drawing = new NetworkDrawing(network);
        drawing.draw();
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\""
                                + " width=\"%.0f\" font-family=\"sans-serif\" font-size=\"13\">\n"
                                + "<title>%s</title>\n",
                        SIZE,
                        SIZE,
                        SIZE,
                        network)
                + drawing.lines
                + drawing.marks
                + "</svg>\n";
    }

    private void draw() {
        List<Core> cores = network.cores();
        for (Mode mode : network.modes()) {
            List<Integer> on = new ArrayList<>();
            for (int n = 0; n < cores.size(); n++) {
                if (cores.get(n).contains(mode)) {
                    on.add(n);
                }
            }
            if (on.size() == 1) {
                stub(mode, on.get(0));
            } else if (on.size() == 2 && mode.role() == Role.RANK) {
                line(mode, x(on.get(0)), y(on.get(0)), x(on.get(1)), y(on.get(1)));
                label(
                        mode,
                        (x(on.get(0)) + x(on.get(1))) / 2,
                        (y(on.get(0)) + y(on.get(1))) / 2 - 5);
            } else {
                join(mode, on);
            }
        }
        for (int n = 0; n < cores.size(); n++) {
            marks.append(
                    String.format(
                            Locale.ROOT,
                            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.0f\" fill=\"#dbe7f5\""
                                    + " stroke=\"#24466b\"/>\n<text x=\"%.1f\" y=\"%.1f\""
                                    + " text-anchor=\"middle\">%d</text>\n",
                            x(n),
                            y(n),
                            DISC,
                            x(n),
                            y(n) + 5,
                            n + 1));
        }
    }

    private double angle(int core) {
        return Math.PI + 2 * Math.PI * core / network.cores().size();
    }

    private double radius() {
        return network.cores().size() == 1 ? 0 : RADIUS;
    }

    private double x(int core) {
        return CENTRE + radius() * Math.cos(angle(core));
    }

    private double y(int core) {
        return CENTRE + radius() * Math.sin(angle(core));
    }

    /** A line from a core outwards; several of one core spread like a fan. */
    private void stub(Mode mode, int core) {
        List<Mode> own = new ArrayList<>();
        for (Mode other : network.cores().get(core).modes()) {
            long cores = network.cores().stream().filter(c -> c.contains(other)).count();
            if (cores == 1) {
                own.add(other);
            }
        }
        double spread = network.cores().size() == 1 ? Math.PI / 2 : 0.6;
        double turn = angle(core) + spread * (own.indexOf(mode) - (own.size() - 1) / 2.0);
        double toX = x(core) + STUB * Math.cos(turn);
        double toY = y(core) + STUB * Math.sin(turn);
        line(mode, x(core), y(core), toX, toY);
        label(mode, toX + 10 * Math.cos(turn), toY + 10 * Math.sin(turn) + 4);
    }

    /** A dot in the middle of several cores. */
    private void join(Mode mode, List<Integer> cores) {
        double dotX = 0;
        double dotY = 0;
        for (int core : cores) {
            dotX += x(core) / cores.size();
            dotY += y(core) / cores.size();
        }
        // Two joins of the same cores must not lie on each other.
        double shift = 16.0 * (network.modes().indexOf(mode) % 3 - 1);
        dotX += shift;
        dotY += shift / 2;
        for (int core : cores) {
            line(mode, dotX, dotY, x(core), y(core));
        }
        marks.append(
                String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n",
                        dotX,
                        dotY,
                        colour(mode)));
        label(mode, dotX + 12, dotY - 6);
    }

    private void line(Mode mode, double x1, double y1, double x2, double y2) {
        lines.append(
                String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                                + " stroke-width=\"2\"/>\n",
                        x1,
                        y1,
                        x2,
                        y2,
                        colour(mode)));
    }

    private void label(Mode mode, double x, double y) {
        marks.append(
                String.format(
                        Locale.ROOT,
                        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"%s\">%s</text>\n",
                        x,
                        y,
                        colour(mode),
                        mode));
    }

    /** Dark for what a forward pass sums over. */
    private static String colour(Mode mode) {
        boolean output = mode.role() == Role.OUTPUT || mode.role() == Role.GROUP;
        return output ? "#b26a00" : "#24466b";
    }
}
