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
package io.github.djltcnn.nn;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.djltcnn.runtime.internal.CacheSizeGuard;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network that normalises its own input: pixels from 0 to 1 go in, the network within sees {@code
 * (x - mean) / deviation}, channel by channel. As the numbers belong to the model, training and
 * every way of predicting use the same ones, and whoever feeds the model does nothing but scale
 * pixels, as DJL's {@code ToTensor} does.
 *
 * <pre>{@code
 * Block network = new NormalizedInput(resnet, new float[] {.286f}, new float[] {.353f});
 * }</pre>
 *
 * <p>Input is (batch, channels, ..). Pixels as bytes (data type uint8, from 0 to 255) are divided
 * by 255 first; all other numbers are taken as they are. The first training pass warns if its input
 * is not within 0 and 1, because the data were probably normalised before. Further inputs go to the
 * network unchanged.
 *
 * @since 0.1.0
 */
public final class NormalizedInput extends AbstractBlock {

    static {
        CacheSizeGuard.apply();
    }

    private static final Logger LOGGER = LoggerFactory.getLogger(NormalizedInput.class);

    private static final byte FORM = 1;
    private static final int MOST_CHANNELS = 4096;

    private final float[] mean;
    private final float[] deviation;
    private final AtomicBoolean looked = new AtomicBoolean();

    /**
     * Puts a normalisation before a network.
     *
     * @param block the network; it may be initialised
     * @param mean the mean of each channel in units of [0, 1], or one number for all channels
     * @param deviation the standard deviation of each channel, above 0; as many as means
     * @throws IllegalArgumentException if a number is not finite, a deviation not above 0, or there
     *     are not as many deviations as means; or if the network normalises its input itself
     */
    public NormalizedInput(Block block, float[] mean, float[] deviation) {
        super(FORM);
        if (block instanceof NormalizedInput) {
            throw new IllegalArgumentException(
                    "The network normalises its input already; put the other numbers before"
                            + " getBlock() instead");
        }
        check(mean, deviation);
        this.mean = mean.clone();
        this.deviation = deviation.clone();
        addChildBlock("network", Objects.requireNonNull(block, "block"));
        if (block.isInitialized()) {
            inputShapes = block.getInputShapes();
            if (inputShapes != null && inputShapes.length > 0) {
                checkChannels(inputShapes[0]);
            }
        }
    }

    /**
     * Checks the numbers of a normalisation.
     *
     * @param mean the means
     * @param deviation the standard deviations
     * @throws IllegalArgumentException as the constructor does
     */
    public static void check(float[] mean, float[] deviation) {
        if (mean.length < 1 || mean.length > MOST_CHANNELS || mean.length != deviation.length) {
            throw new IllegalArgumentException(
                    "One mean and one deviation per channel, or one of each for all channels (at"
                            + " most "
                            + MOST_CHANNELS
                            + "); got "
                            + mean.length
                            + " means and "
                            + deviation.length
                            + " deviations");
        }
        for (int c = 0; c < mean.length; c++) {
            if (!Float.isFinite(mean[c]) || !Float.isFinite(deviation[c]) || deviation[c] <= 0) {
                throw new IllegalArgumentException(
                        "A mean is a finite number, a deviation one above 0; got mean "
                                + mean[c]
                                + " and deviation "
                                + deviation[c]);
            }
        }
    }

    /**
     * Returns the network behind the normalisation.
     *
     * @return the network
     */
    public Block getBlock() {
        return children.valueAt(0);
    }

    /**
     * Returns the means.
     *
     * @return a copy, one number per channel or one for all
     */
    public float[] getMean() {
        return mean.clone();
    }

    /**
     * Returns the standard deviations.
     *
     * @return a copy, one number per channel or one for all
     */
    public float[] getDeviation() {
        return deviation.clone();
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("The model normalises its first input, got none");
        }
        NDArray x = inputs.head();
        checkChannels(x.getShape());
        LayerPass.checkDevice(parameterStore, getBlock(), x.getDevice(), training);
        checkType(x.getDataType());
        if (training && looked.compareAndSet(false, true)) {
            warnUnlessPixels(x);
        }
        NDArray normalised = normalise(x);
        NDList all = new NDList(normalised);
        all.addAll(inputs.subNDList(1));
        NDList output = getBlock().forward(parameterStore, all, training, params);
        if (output.stream().noneMatch(array -> array == normalised)) {
            normalised.close();
        }
        return output;
    }

    /** Numbers on the heap become arrays here, so that they are on the device of any input. */
    private NDArray normalise(NDArray x) {
        NDManager manager = x.getManager();
        NDArray pixels = x;
        if (x.getDataType() == DataType.UINT8) {
            pixels = x.toType(DataType.FLOAT32, true);
            pixels.divi(255f);
        }
        NDArray result;
        if (mean.length == 1) {
            result = pixels.sub(mean[0]);
            result.divi(deviation[0]);
        } else {
            long[] sizes = new long[Math.max(1, x.getShape().dimension() - 1)];
            Arrays.fill(sizes, 1);
            sizes[0] = mean.length;
            try (NDArray means = channels(manager, mean, sizes, pixels.getDataType());
                    NDArray deviations =
                            channels(manager, deviation, sizes, pixels.getDataType())) {
                result = pixels.sub(means);
                result.divi(deviations);
            }
        }
        if (pixels != x) {
            pixels.close();
        }
        return result;
    }

    private static NDArray channels(
            NDManager manager, float[] values, long[] sizes, DataType dataType) {
        NDArray array = manager.create(values, new Shape(sizes));
        if (dataType == DataType.FLOAT32) {
            return array;
        }
        try (array) {
            return array.toType(dataType, false);
        }
    }

    private void checkChannels(Shape shape) {
        if (shape.dimension() < 2 || (mean.length > 1 && shape.get(1) != mean.length)) {
            throw new IllegalArgumentException(
                    "The model normalises inputs of "
                            + (mean.length == 1 ? "any number of" : mean.length)
                            + " channels, (batch, channels, ..), got "
                            + shape);
        }
    }

    /** Of whole numbers only those of one byte say what white is. */
    private static void checkType(DataType dataType) {
        if (!dataType.isFloating() && dataType != DataType.UINT8) {
            throw new IllegalArgumentException(
                    "The model normalises pixels from 0 to 1 of a floating point type, or from 0 to"
                            + " 255 of UINT8; got "
                            + dataType
                            + "; convert them with toType, and divide by 255 where they need it");
        }
    }

    private void warnUnlessPixels(NDArray x) {
        if (x.getDataType() == DataType.UINT8) {
            return;
        }
        try (NDArray least = x.min();
                NDArray most = x.max();
                NDArray from = least.toType(DataType.FLOAT32, true);
                NDArray to = most.toType(DataType.FLOAT32, true)) {
            if (from.getFloat() < 0 || to.getFloat() > 1) {
                LOGGER.warn(
                        "This model normalises its input itself and expects pixels from 0 to 1; its"
                                + " first training batch has numbers from {} to {}. Leave out the"
                                + " normalisation of the data, or they are normalised twice.",
                        from.getFloat(),
                        to.getFloat());
            }
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        checkChannels(inputs[0]);
        return getBlock().getOutputShapes(inputs);
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputs) {
        checkChannels(inputs[0]);
        getBlock().initialize(manager, dataType, inputs);
    }

    @Override
    protected void saveMetadata(DataOutputStream os) throws IOException {
        saveInputShapes(os);
        os.writeInt(mean.length);
        for (int c = 0; c < mean.length; c++) {
            os.writeFloat(mean[c]);
            os.writeFloat(deviation[c]);
        }
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream is)
            throws IOException, MalformedModelException {
        if (loadVersion != FORM) {
            throw new MalformedModelException("Unknown form of a normalisation: " + loadVersion);
        }
        readInputShapes(is);
        int channels = is.readInt();
        boolean same = channels == mean.length;
        for (int c = 0; same && c < channels; c++) {
            same = is.readFloat() == mean[c] && is.readFloat() == deviation[c];
        }
        if (!same) {
            throw new MalformedModelException(
                    "The parameters were saved from a model that normalises its input by other"
                            + " numbers than mean "
                            + Arrays.toString(mean)
                            + " and deviation "
                            + Arrays.toString(deviation));
        }
    }
}
