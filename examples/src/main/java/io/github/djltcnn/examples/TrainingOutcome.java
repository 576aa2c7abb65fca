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

import java.nio.file.Path;
import java.util.List;

/**
 * What a training program found out.
 *
 * @param parameters the number of trainable parameters of the model
 * @param denseParameters the number of trainable parameters of the same network with dense
 *     convolutions
 * @param epochs one entry per epoch, in order
 * @param guesses what the saved and reloaded model makes of a few test images
 * @param testAccuracy the share of test images that the saved and reloaded model classifies rightly
 * @param folder the folder with the saved model and the pictures
 * @since 0.1.0
 */
public record TrainingOutcome(
        long parameters,
        long denseParameters,
        List<Epoch> epochs,
        List<Guess> guesses,
        double testAccuracy,
        Path folder) {

    /** Copies the lists. */
    public TrainingOutcome {
        epochs = List.copyOf(epochs);
        guesses = List.copyOf(guesses);
    }

    /**
     * Returns how many times fewer parameters the model has than the dense network.
     *
     * @return the quotient of the two parameter counts
     */
    public double compression() {
        return (double) denseParameters / parameters;
    }

    /**
     * Loss (mean cross entropy in nats) and accuracy (share from 0 to 1) after one pass over the
     * training images.
     *
     * @param number the epoch's number, from 1
     * @param trainLoss mean over the pass, while the model still changed
     * @param trainAccuracy mean over the pass, while the model still changed
     * @param testLoss after the pass
     * @param testAccuracy after the pass
     */
    public record Epoch(
            int number, float trainLoss, float trainAccuracy, float testLoss, float testAccuracy) {}

    /**
     * A model's answer to one image.
     *
     * @param image the image's index among the test images
     * @param label the true class
     * @param answer the class that the model finds most probable
     * @param probability the probability that the model gives to its answer
     */
    public record Guess(int image, String label, String answer, double probability) {

        /**
         * Returns whether the answer is right.
         *
         * @return whether the answer is the label
         */
        public boolean right() {
            return label.equals(answer);
        }
    }
}
