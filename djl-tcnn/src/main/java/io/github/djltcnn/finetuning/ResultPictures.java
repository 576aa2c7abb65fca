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
package io.github.djltcnn.finetuning;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;

/** The curves and the confusion matrix as PNG files, drawn by what Java brings. */
final class ResultPictures {

    private static final Color TRAIN = new Color(0x9aa5b1);
    private static final Color HELD = new Color(0x0b5cad);
    private static final Color INK = new Color(0x1f2933);
    private static final Color GRID = new Color(0xe4e7eb);
    private static final int WIDTH = 760;
    private static final int PANEL = 280;
    private static final int LEFT = 64;
    private static final int RIGHT = 24;
    private static final int TOP = 36;
    private static final int BOTTOM = 40;
    private static final int LINES = 4;
    private static final int MOST_SIDE = 900;
    private static final int CELL = 56;
    private static final int LEAST_WITH_TEXT = 22;
    private static final int MOST_MARGIN = 160;

    private ResultPictures() {}

    /** Draws loss and accuracy over the epochs, one above the other. */
    static void curves(List<EpochResult> epochs, Path file) throws IOException {
        BufferedImage image = new BufferedImage(WIDTH, 2 * PANEL, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = start(image);
        try {
            double most =
                    epochs.stream()
                            .mapToDouble(e -> Math.max(e.trainLoss(), e.heldOutLoss()))
                            .filter(Double::isFinite)
                            .max()
                            .orElse(1);
            panel(
                    g,
                    0,
                    "cross entropy",
                    Math.max(most, 1e-6),
                    epochs,
                    EpochResult::trainLoss,
                    EpochResult::heldOutLoss);
            panel(
                    g,
                    PANEL,
                    "accuracy",
                    1,
                    epochs,
                    EpochResult::trainAccuracy,
                    EpochResult::heldOutAccuracy);
        } finally {
            g.dispose();
        }
        ImageIO.write(image, "png", file.toFile());
    }

    private static Graphics2D start(BufferedImage image) {
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        return g;
    }

    private static void panel(
            Graphics2D g,
            int top,
            String unit,
            double most,
            List<EpochResult> epochs,
            ToDoubleFunction<EpochResult> train,
            ToDoubleFunction<EpochResult> held) {
        int height = PANEL - TOP - BOTTOM;
        int width = WIDTH - LEFT - RIGHT;
        FontMetrics metrics = g.getFontMetrics();
        for (int n = 0; n <= LINES; n++) {
            int y = top + TOP + height - height * n / LINES;
            g.setColor(GRID);
            g.drawLine(LEFT, y, LEFT + width, y);
            g.setColor(INK);
            String text = String.format(Locale.ROOT, "%.2f", most * n / LINES);
            g.drawString(text, LEFT - 8 - metrics.stringWidth(text), y + 5);
        }
        g.drawString(unit, LEFT, top + TOP - 14);
        int x = LEFT + width / 2;
        x = legend(g, x, top + TOP - 14, TRAIN, "trained on");
        legend(g, x, top + TOP - 14, HELD, "held out");
        int every = Math.max(1, epochs.size() / 10);
        for (int n = 0; n < epochs.size(); n += every) {
            String text = Integer.toString(epochs.get(n).epoch());
            g.setColor(INK);
            g.drawString(
                    text,
                    x(n, epochs.size(), width) - metrics.stringWidth(text) / 2,
                    top + PANEL - BOTTOM + 18);
        }
        g.drawString("epoch", LEFT + width - metrics.stringWidth("epoch"), top + PANEL - 8);
        curve(g, TRAIN, epochs, train, top + TOP, width, height, most);
        curve(g, HELD, epochs, held, top + TOP, width, height, most);
    }

    private static int legend(Graphics2D g, int x, int y, Color colour, String text) {
        g.setColor(colour);
        g.fillRect(x, y - 8, 18, 4);
        g.setColor(INK);
        g.drawString(text, x + 24, y);
        return x + 44 + g.getFontMetrics().stringWidth(text);
    }

    private static int x(int n, int count, int width) {
        return count == 1 ? LEFT + width / 2 : LEFT + (int) ((long) width * n / (count - 1));
    }

    private static void curve(
            Graphics2D g,
            Color colour,
            List<EpochResult> epochs,
            ToDoubleFunction<EpochResult> value,
            int top,
            int width,
            int height,
            double most) {
        g.setColor(colour);
        g.setStroke(new BasicStroke(2));
        Path2D path = new Path2D.Double();
        boolean started = false;
        for (int n = 0; n < epochs.size(); n++) {
            double v = value.applyAsDouble(epochs.get(n));
            if (Double.isFinite(v)) {
                double px = x(n, epochs.size(), width);
                double py = top + height * (1 - v / most);
                if (started) {
                    path.lineTo(px, py);
                } else {
                    path.moveTo(px, py);
                    started = true;
                }
                g.fill(new Ellipse2D.Double(px - 3, py - 3, 6, 6));
            }
        }
        if (started) {
            g.draw(path);
        }
        g.setStroke(new BasicStroke(1));
    }

    /** Draws the matrix, rows and columns named; each row's colours are shares of its class. */
    static void confusion(ConfusionMatrix matrix, Path file) throws IOException {
        int size = matrix.labels().size();
        int cell = Math.max(2, Math.min(CELL, MOST_SIDE / size));
        boolean named = cell >= LEAST_WITH_TEXT / 2;
        BufferedImage probe = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        Graphics2D measure = start(probe);
        int margin = 24;
        if (named) {
            for (String label : matrix.labels()) {
                int width = measure.getFontMetrics().stringWidth(label) + 24;
                margin = Math.min(MOST_MARGIN, Math.max(margin, width));
            }
        }
        measure.dispose();
        int side = margin + size * cell + 16;
        BufferedImage image =
                new BufferedImage(Math.max(side, 200), side + 24, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = start(image);
        try {
            for (int row = 0; row < size; row++) {
                int all = matrix.counts().get(row).stream().mapToInt(Integer::intValue).sum();
                for (int column = 0; column < size; column++) {
                    int count = matrix.counts().get(row).get(column);
                    double share = all == 0 ? 0 : (double) count / all;
                    int x = margin + column * cell;
                    int y = margin + row * cell;
                    g.setColor(shade(share));
                    g.fillRect(x, y, cell - 1, cell - 1);
                    if (cell >= LEAST_WITH_TEXT && count > 0) {
                        String text = Integer.toString(count);
                        g.setColor(share > .5 ? Color.WHITE : INK);
                        g.drawString(
                                text,
                                x + (cell - g.getFontMetrics().stringWidth(text)) / 2,
                                y + cell / 2 + 5);
                    }
                }
                if (named) {
                    name(g, matrix.labels().get(row), margin, row, cell);
                }
            }
            g.setColor(INK);
            g.drawString("rows: is, columns: taken for", 8, side + 12);
        } finally {
            g.dispose();
        }
        ImageIO.write(image, "png", file.toFile());
    }

    private static void name(Graphics2D g, String label, int margin, int n, int cell) {
        g.setColor(INK);
        String text = label;
        FontMetrics metrics = g.getFontMetrics();
        while (text.length() > 1 && metrics.stringWidth(text) > margin - 16) {
            text = text.substring(0, text.offsetByCodePoints(text.length(), -1));
        }
        int middle = margin + n * cell + cell / 2;
        g.drawString(text, margin - 8 - metrics.stringWidth(text), middle + 5);
        AffineTransform before = g.getTransform();
        g.rotate(-Math.PI / 2, middle, margin - 8.0);
        g.drawString(text, middle, margin - 3);
        g.setTransform(before);
    }

    private static Color shade(double share) {
        int red = (int) Math.round(0xf5 + share * (0x0b - 0xf5));
        int green = (int) Math.round(0xf7 + share * (0x5c - 0xf7));
        int blue = (int) Math.round(0xfa + share * (0xad - 0xfa));
        return new Color(red, green, blue);
    }
}
