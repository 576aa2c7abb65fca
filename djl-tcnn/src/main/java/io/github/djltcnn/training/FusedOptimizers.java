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
package io.github.djltcnn.training;

import ai.djl.training.optimizer.Optimizer.OptimizerBuilder;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import java.util.Objects;

/**
 * Optimizers that update all parameters of a model in one call. A tensorial network has many small
 * parameters, and DJL's own optimizers take several calls and copies for each.
 *
 * <pre>{@code
 * DefaultTrainingConfig config =
 *         new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
 *                 .optOptimizer(
 *                         FusedOptimizers.sgd()
 *                                 .setLearningRateTracker(Tracker.fixed(0.1f))
 *                                 .optMomentum(0.9f)
 *                                 .optWeightDecays(5e-4f)
 *                                 .build());
 * Trainer trainer = FusedTrainer.of(model, config);
 * }</pre>
 *
 * <p>They work with {@code model.newTrainer(config)} too, where DJL still makes some calls for each
 * parameter. Results are those of DJL's optimizers of the same name, with these additions: {@code
 * optClipGrad} bounds elements from both sides, as DJL's documentation says and its PyTorch engine
 * does not; {@code optClipNorm} bounds the norm of all gradients together; SGD knows Nesterov's
 * momentum. Rates may differ by parameter, see {@link LearningRates}.
 *
 * @since 0.1.0
 */
public final class FusedOptimizers {

    private FusedOptimizers() {}

    /**
     * Starts stochastic gradient descent, as {@link ai.djl.training.optimizer.Sgd}.
     *
     * @return a builder
     */
    public static Sgd sgd() {
        return new Sgd();
    }

    /**
     * Starts Adam, as {@link ai.djl.training.optimizer.Adam}.
     *
     * @return a builder
     */
    public static Adam adam() {
        return new Adam(false);
    }

    /**
     * Starts AdamW, as {@link ai.djl.training.optimizer.AdamW}, with weight decay 0.01 by default.
     *
     * @return a builder
     */
    public static Adam adamW() {
        return new Adam(true).optWeightDecays(0.01f);
    }

    /**
     * What the builders have in common.
     *
     * @param <T> the builder
     * @since 0.1.0
     */
    public abstract static class Builder<T extends Builder<T>> extends OptimizerBuilder<T> {

        private float clipNorm;
        private float clipGrad = -1;
        private int begin;

        Builder() {}

        /**
         * Bounds the norm of all gradients together: if it is larger, all are multiplied by the
         * same factor. The trainer has to be a {@link FusedTrainer}.
         *
         * @param clipNorm the bound, more than 0
         * @return this builder
         */
        public T optClipNorm(float clipNorm) {
            if (!(clipNorm > 0 && clipNorm < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "The bound of the norm is more than 0 and finite, got " + clipNorm);
            }
            this.clipNorm = clipNorm;
            return self();
        }

        /**
         * Bounds every element of a gradient to [-clipGrad, clipGrad].
         *
         * @param clipGrad the bound; negative for none
         * @return this builder
         */
        @Override
        public T optClipGrad(float clipGrad) {
            this.clipGrad = finite("clipGrad", clipGrad);
            super.optClipGrad(clipGrad);
            return self();
        }

        @Override
        public T setRescaleGrad(float rescaleGrad) {
            super.setRescaleGrad(finite("rescaleGrad", rescaleGrad));
            return self();
        }

        @Override
        public T optWeightDecays(float weightDecays) {
            super.optWeightDecays(finite("weightDecays", weightDecays));
            return self();
        }

        @Override
        public T optBeginNumUpdate(int beginNumUpdate) {
            if (beginNumUpdate < 0) {
                throw new IllegalArgumentException(
                        "beginNumUpdate is at least 0, got " + beginNumUpdate);
            }
            this.begin = beginNumUpdate;
            super.optBeginNumUpdate(beginNumUpdate);
            return self();
        }

        final void check() {
            if (clipNorm > 0 && clipGrad >= 0) {
                throw new IllegalArgumentException(
                        "optClipGrad bounds elements, optClipNorm the norm of all; give one of"
                                + " them");
            }
        }

        final float clipNorm() {
            return clipNorm;
        }

        final int begin() {
            return begin;
        }

        static float finite(String name, float value) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException(name + " is finite, got " + value);
            }
            return value;
        }

        static float share(String name, float value) {
            if (!(value >= 0 && value < 1)) {
                throw new IllegalArgumentException(
                        name + " is at least 0 and below 1, got " + value);
            }
            return value;
        }
    }

    /**
     * The builder of stochastic gradient descent.
     *
     * @since 0.1.0
     */
    public static final class Sgd extends Builder<Sgd> {

        private ParameterTracker tracker;
        private float momentum;
        private boolean nesterov;

        private Sgd() {}

        @Override
        protected Sgd self() {
            return this;
        }

        /**
         * Sets the learning rate. Required.
         *
         * @param tracker the rate by parameter and number of the update
         * @return this builder
         */
        public Sgd setLearningRateTracker(ParameterTracker tracker) {
            this.tracker = Objects.requireNonNull(tracker, "tracker");
            return this;
        }

        /**
         * Sets the momentum.
         *
         * @param momentum the share of the last step that the next one keeps, at least 0 and below
         *     1; 0 by default
         * @return this builder
         */
        public Sgd optMomentum(float momentum) {
            this.momentum = share("momentum", momentum);
            return this;
        }

        /**
         * Sets Nesterov's momentum, which DJL's PyTorch engine lacks.
         *
         * @param nesterov whether the step looks ahead by the momentum
         * @return this builder
         */
        public Sgd optNesterov(boolean nesterov) {
            this.nesterov = nesterov;
            return this;
        }

        /**
         * Builds the optimizer.
         *
         * @return the optimizer
         * @throws NullPointerException if there is no learning rate
         * @throws IllegalArgumentException if two options contradict each other
         */
        public FusedOptimizer build() {
            Objects.requireNonNull(tracker, "setLearningRateTracker(..) was not called");
            if (nesterov && momentum == 0) {
                throw new IllegalArgumentException(
                        "optNesterov is a kind of momentum; give optMomentum too");
            }
            check();
            return new FusedOptimizer(
                    this,
                    decay -> new SgdRule(momentum, nesterov, (float) decay),
                    clipNorm(),
                    tracker,
                    begin());
        }
    }

    /**
     * The builder of Adam and AdamW.
     *
     * @since 0.1.0
     */
    public static final class Adam extends Builder<Adam> {

        private final boolean decoupled;
        private ParameterTracker tracker = Tracker.fixed(0.001f);
        private float beta1 = 0.9f;
        private float beta2 = 0.999f;
        private float epsilon = 1e-8f;

        private Adam(boolean decoupled) {
            this.decoupled = decoupled;
        }

        @Override
        protected Adam self() {
            return this;
        }

        /**
         * Sets the learning rate.
         *
         * @param tracker the rate by parameter and number of the update; 0.001 by default
         * @return this builder
         */
        public Adam optLearningRateTracker(ParameterTracker tracker) {
            this.tracker = Objects.requireNonNull(tracker, "tracker");
            return this;
        }

        /**
         * Sets the share of the mean of gradients that a step keeps.
         *
         * @param beta1 the share, at least 0 and below 1; 0.9 by default
         * @return this builder
         */
        public Adam optBeta1(float beta1) {
            this.beta1 = share("beta1", beta1);
            return this;
        }

        /**
         * Sets the share of the mean of squared gradients that a step keeps.
         *
         * @param beta2 the share, at least 0 and below 1; 0.999 by default
         * @return this builder
         */
        public Adam optBeta2(float beta2) {
            this.beta2 = share("beta2", beta2);
            return this;
        }

        /**
         * Sets what is added to the square root of the variance.
         *
         * @param epsilon a small number, more than 0; 1e-8 by default
         * @return this builder
         */
        public Adam optEpsilon(float epsilon) {
            if (!(epsilon > 0 && epsilon < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "epsilon is more than 0 and finite, got " + epsilon);
            }
            this.epsilon = epsilon;
            return this;
        }

        /**
         * Builds the optimizer.
         *
         * @return the optimizer
         * @throws IllegalArgumentException if two options contradict each other
         */
        public FusedOptimizer build() {
            check();
            return new FusedOptimizer(
                    this,
                    decay -> new AdamRule(beta1, beta2, epsilon, (float) decay, decoupled),
                    clipNorm(),
                    tracker,
                    begin());
        }
    }
}
