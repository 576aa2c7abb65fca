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
package io.github.djltcnn.testing.order;

import ai.djl.engine.Engine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testng.IInvokedMethod;
import org.testng.IInvokedMethodListener;
import org.testng.ITestResult;

/**
 * Seeds the engine's random numbers before every method of a test class, so that a test draws the
 * same numbers alone and behind any other tests. {@code -Dtest.seed=7} tries other numbers; a test
 * that fails then depends on luck.
 */
public final class SeededTests implements IInvokedMethodListener {

    private static final Logger logger = LoggerFactory.getLogger(SeededTests.class);
    private static final int SEED = Integer.getInteger("test.seed", 0);

    @Override
    public void beforeInvocation(IInvokedMethod method, ITestResult result) {
        Engine.getInstance().setRandomSeed(seed(method));
    }

    @Override
    public void afterInvocation(IInvokedMethod method, ITestResult result) {
        if (result.getStatus() == ITestResult.FAILURE) {
            logger.warn(
                    "{} failed with -Dtest.seed={}, which gave the engine the seed {}",
                    method.getTestMethod().getQualifiedName(),
                    SEED,
                    seed(method));
        }
    }

    private static int seed(IInvokedMethod method) {
        return method.getTestMethod().getQualifiedName().hashCode() ^ 0x9E3779B9 * SEED;
    }
}
