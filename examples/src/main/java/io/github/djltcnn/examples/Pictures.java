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
package io.github.djltcnn.examples;

import io.github.djltcnn.examples.TrainingOutcome.Epoch;
import io.github.djltcnn.examples.TrainingOutcome.Guess;
import io.github.djltcnn.examples.data.LabelledImages;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The pictures that a training leaves behind, as PNG files. */
final class Pictures {

    private static final Color RIGHT = new Color(0x1b7f3b);
    private static final Color WRONG = new Color(0xb3261e);
    private static final int COLUMNS = 5;
    private static final int SCALE = 5;
    private static final int SIDE = SCALE * LabelledImages.SIZE;
    private static final int MARGIN = 12;
    private static final int TEXT_HEIGHT = 36;

    private Pictures() {}

    /**
     * Draws images with their label and the model's guess beneath, green where it is right and red
     * where it is wrong.
     *
     * @param images the images that the guesses are about
     * @param guesses the guesses
     * @param file the PNG file to write
     * @throws IOException if the file cannot be written
     */
    static void contactSheet(LabelledImages images, List<Guess> guesses, Path file)
            throws IOException {
        int rows = (guesses.size() + COLUMNS - 1) / COLUMNS;
        BufferedImage sheet =
                new BufferedImage(
                        MARGIN + COLUMNS * (SIDE + MARGIN),
                        MARGIN + rows * (SIDE + TEXT_HEIGHT + MARGIN),
                        BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        try {
            g.setRenderingHint(
                    RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
            for (int i = 0; i < guesses.size(); i++) {
                Guess guess = guesses.get(i);
                int x = MARGIN + i % COLUMNS * (SIDE + MARGIN);
                int y = MARGIN + i / COLUMNS * (SIDE + TEXT_HEIGHT + MARGIN);
                BufferedImage image = (BufferedImage) images.image(guess.image()).getWrappedImage();
                g.drawImage(image, x, y, SIDE, SIDE, null);
                g.setColor(Color.BLACK);
                g.drawString(guess.label(), x, y + SIDE + 15);
                g.setColor(guess.right() ? RIGHT : WRONG);
                String answer =
                        String.format("%s (%.0f %%)", guess.answer(), 100 * guess.probability());
                g.drawString(answer, x, y + SIDE + 31);
            }
        } finally {
            g.dispose();
        }
        ImageIO.write(sheet, "png", file.toFile());
    }

    /**
     * Draws loss and accuracy over the epochs, one above the other.
     *
     * @param title the title of the picture
     * @param epochs the epochs
     * @param file the PNG file to write
     * @throws IOException if the file cannot be written
     */
    static void curves(String title, List<Epoch> epochs, Path file) throws IOException {
        XYChart loss = chart(title, "cross entropy", LegendPosition.InsideNE);
        addCurve(loss, "training", epochs, Epoch::trainLoss);
        addCurve(loss, "test", epochs, Epoch::testLoss);
        XYChart accuracy = chart(null, "accuracy", LegendPosition.InsideSE);
        addCurve(accuracy, "training", epochs, Epoch::trainAccuracy);
        addCurve(accuracy, "test", epochs, Epoch::testAccuracy);
        BitmapEncoder.saveBitmap(List.of(loss, accuracy), 2, 1, file.toString(), BitmapFormat.PNG);
    }

    private static XYChart chart(String title, String unit, LegendPosition legend) {
        XYChart chart =
                new XYChartBuilder()
                        .width(700)
                        .height(360)
                        .theme(ChartTheme.Matlab)
                        .title(title == null ? "" : title)
                        .xAxisTitle("epoch")
                        .yAxisTitle(unit)
                        .build();
        chart.getStyler().setLegendPosition(legend).setChartTitleVisible(title != null);
        chart.getStyler()
                .setXAxisTickLabelsFormattingFunction(
                        x -> x == Math.rint(x) ? String.valueOf(x.intValue()) : "");
        return chart;
    }

    private static void addCurve(
            XYChart chart, String name, List<Epoch> epochs, ToDoubleFunction<Epoch> value) {
        chart.addSeries(
                name,
                epochs.stream().mapToDouble(Epoch::number).toArray(),
                epochs.stream().mapToDouble(value).toArray());
    }
}
