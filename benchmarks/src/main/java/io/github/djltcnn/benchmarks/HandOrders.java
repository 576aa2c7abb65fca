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
package io.github.djltcnn.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import io.github.djltcnn.network.TensorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The orders that people write by hand, with DJL's arrays alone: 3 x 3 kernels, stride 1, padding
 * 1, two channel pieces on either side where a format has pieces.
 *
 * <p>Each is written out as one would write it for that format alone, so lines recur from one to
 * the next: shared code would hide the order that is measured. What is the same in all is below:
 * the convolutions, a link of a chain, and the kernel first.
 */
final class HandOrders {

    private static final Shape ONE = new Shape(1, 1);
    private static final Shape NONE = new Shape(0, 0);

    private HandOrders() {}

    /** The orders of a format, each in both layouts. */
    static List<Contestant> of(String format, TensorNetwork network) {
        List<Contestant> orders =
                switch (format) {
                    case "TR" -> ring(network);
                    case "TT" -> train(network);
                    case "TT-matrix" -> trainMatrix(network);
                    case "Tucker-2" -> tucker(network);
                    case "CP" -> cp(network);
                    case "HTK2" -> hyperTucker(network);
                    case "BTT" -> blockTerm(network);
                    default -> throw new IllegalArgumentException("No hand order of " + format);
                };
        List<Contestant> all = new ArrayList<>(orders);
        orders.forEach(order -> all.add(order.withChannelsLast()));
        return all;
    }

    private static Contestant order(
            String name,
            Function<NDList, NDList> weights,
            BiFunction<NDArray, NDList, NDArray> apply) {
        return new Contestant(name, false, weights, apply);
    }

    /** The order that contracts the kernel and then convolves. */
    private static Contestant kernelFirst(TensorNetwork n, Function<NDList, NDArray> kernel) {
        Shape shape = new Shape(n.outputChannels(), n.inputChannels(), 3, 3);
        return order(
                "kernel first",
                c -> new NDList(kernel.apply(c).reshape(shape)),
                (x, w) -> wide(x, w.get(0), 1));
    }

    /** A core (from, to) as the kernel of a 1x1 convolution. */
    private static NDArray turned(NDArray core) {
        Shape shape = core.getShape();
        return core.transpose(1, 0).reshape(shape.get(1), shape.get(0), 1, 1);
    }

    private static List<Contestant> ring(TensorNetwork n) {
        long r0 = n.mode("r0").size();
        long r2 = n.mode("r2").size();
        long r3 = n.mode("r3").size();
        long in = n.inputChannels();
        long out = n.outputChannels();
        return List.of(
                order(
                        "cores merged, tensordot",
                        c -> {
                            NDArray a = chain(c.get(0), c.get(1)); // r0 i1 i2 r2
                            NDArray b = chain(c.get(3), c.get(4)); // r3 o1 o2 r0
                            return new NDList(
                                    a.reshape(r0, in, r2).transpose(1, 0, 2).reshape(in, r0 * r2),
                                    c.get(2).transpose(3, 0, 1, 2),
                                    b.reshape(r3, out, r0)
                                            .transpose(2, 0, 1)
                                            .reshape(r0 * r3, out));
                        },
                        (x, w) -> {
                            Shape s = x.getShape();
                            NDArray t = x.transpose(0, 2, 3, 1).reshape(-1, in).matMul(w.get(0));
                            t = t.reshape(s.get(0), s.get(2), s.get(3), r0, r2);
                            t = t.transpose(0, 3, 4, 1, 2).reshape(-1, r2, s.get(2), s.get(3));
                            t = wide(t, w.get(1), 1);
                            t = t.reshape(s.get(0), r0, r3, s.get(2), s.get(3));
                            t = t.transpose(0, 3, 4, 1, 2).reshape(-1, r0 * r3).matMul(w.get(2));
                            t = t.reshape(s.get(0), s.get(2), s.get(3), out).transpose(0, 3, 1, 2);
                            return t.reshape(-1).reshape(s.get(0), out, s.get(2), s.get(3));
                        }),
                order(
                        "1x1, rank in batch, kxk, 1x1",
                        c -> {
                            NDArray a = chain(c.get(0), c.get(1)).reshape(r0, in, r2);
                            NDArray b = chain(c.get(3), c.get(4)).reshape(r3, out, r0);
                            return new NDList(
                                    a.transpose(0, 2, 1).reshape(r0 * r2, in, 1, 1),
                                    c.get(2).transpose(3, 0, 1, 2),
                                    b.transpose(1, 2, 0).reshape(out, r0 * r3, 1, 1));
                        },
                        (x, w) -> {
                            Shape s = x.getShape();
                            NDArray t = point(x, w.get(0), 1).reshape(-1, r2, s.get(2), s.get(3));
                            t = wide(t, w.get(1), 1).reshape(-1, r0 * r3, s.get(2), s.get(3));
                            return point(t, w.get(2), 1);
                        }),
                order(
                        "1x1, kxk merged with output side",
                        c -> {
                            NDArray a = chain(c.get(0), c.get(1)).reshape(r0, in, r2);
                            NDArray b = chain(c.get(2), chain(c.get(3), c.get(4)));
                            return new NDList(
                                    a.transpose(0, 2, 1).reshape(r0 * r2, in, 1, 1),
                                    b.reshape(r2, 3, 3, out, r0)
                                            .transpose(3, 4, 0, 1, 2)
                                            .reshape(out, r0 * r2, 3, 3));
                        },
                        (x, w) -> wide(point(x, w.get(0), 1), w.get(1), 1)),
                kernelFirst(
                        n,
                        c -> {
                            NDArray a = chain(c.get(0), c.get(1)).reshape(r0, in, r2);
                            NDArray b = chain(c.get(3), c.get(4)).reshape(r3, out, r0);
                            NDArray k = c.get(2).reshape(r2, 9 * r3);
                            k = a.reshape(r0 * in, r2).matMul(k).reshape(r0, in * 9, r3);
                            k = k.transpose(1, 0, 2).reshape(in * 9, r0 * r3);
                            b = b.transpose(1, 2, 0).reshape(out, r0 * r3);
                            return b.matMul(k.transpose(1, 0));
                        }));
    }

    private static List<Contestant> train(TensorNetwork n) {
        long r2 = n.mode("r2").size();
        long r3 = n.mode("r3").size();
        long in = n.inputChannels();
        long out = n.outputChannels();
        return List.of(
                order(
                        "1x1, kxk, 1x1",
                        c ->
                                new NDList(
                                        chain(c.get(0), c.get(1))
                                                .reshape(in, r2)
                                                .transpose(1, 0)
                                                .reshape(r2, in, 1, 1),
                                        c.get(2).transpose(3, 0, 1, 2),
                                        chain(c.get(3), c.get(4))
                                                .reshape(r3, out)
                                                .transpose(1, 0)
                                                .reshape(out, r3, 1, 1)),
                        (x, w) -> sandwich(x, w, 1)),
                kernelFirst(
                        n,
                        c -> {
                            NDArray a = chain(c.get(0), c.get(1)).reshape(in, r2);
                            NDArray b = chain(c.get(3), c.get(4)).reshape(r3, out);
                            NDArray k = a.matMul(c.get(2).reshape(r2, 9 * r3));
                            return k.reshape(in * 9, r3).matMul(b).transpose(1, 0);
                        }));
    }

    private static List<Contestant> trainMatrix(TensorNetwork n) {
        long r0 = n.mode("r0").size();
        long i1 = n.mode("i1").size();
        long i2 = n.mode("i2").size();
        long o1 = n.mode("o1").size();
        long o2 = n.mode("o2").size();
        long in = n.inputChannels();
        long out = n.outputChannels();
        return List.of(
                order(
                        "channel cores merged, 1x1, grouped kxk",
                        c -> {
                            NDArray m = chain(c.get(1), c.get(2)); // r0 i1 o1 i2 o2
                            m = m.reshape(r0, i1, o1, i2, o2).transpose(2, 4, 0, 1, 3);
                            NDArray k = c.get(0).transpose(2, 0, 1).reshape(1, r0, 3, 3);
                            return new NDList(
                                    m.reshape(out * r0, in, 1, 1),
                                    k.broadcast(new Shape(out, r0, 3, 3)));
                        },
                        (x, w) -> wide(point(x, w.get(0), 1), w.get(1), Math.toIntExact(out))),
                kernelFirst(
                        n,
                        c -> {
                            NDArray m = chain(c.get(1), c.get(2));
                            m = m.reshape(r0, i1, o1, i2, o2).transpose(2, 4, 1, 3, 0);
                            NDArray k = c.get(0).transpose(2, 0, 1).reshape(r0, 9);
                            return m.reshape(out * in, r0).matMul(k);
                        }));
    }

    private static List<Contestant> tucker(TensorNetwork n) {
        long r1 = n.mode("r1").size();
        long r2 = n.mode("r2").size();
        long in = n.inputChannels();
        return List.of(
                order(
                        "1x1, kxk, 1x1",
                        c ->
                                new NDList(
                                        turned(c.get(0)),
                                        c.get(1).transpose(1, 0, 2, 3),
                                        turned(c.get(2))),
                        (x, w) -> sandwich(x, w, 1)),
                kernelFirst(
                        n,
                        c -> {
                            NDArray k = c.get(0).matMul(c.get(1).reshape(r1, r2 * 9));
                            k = k.reshape(in, r2, 9).transpose(1, 0, 2).reshape(r2, in * 9);
                            return c.get(2).transpose(1, 0).matMul(k);
                        }));
    }

    private static List<Contestant> cp(TensorNetwork n) {
        long r = n.mode("r").size();
        long in = n.inputChannels();
        long out = n.outputChannels();
        int groups = Math.toIntExact(r);
        return List.of(
                order(
                        "1x1, depthwise kx1, 1xk, 1x1",
                        c ->
                                new NDList(
                                        turned(c.get(0)),
                                        c.get(1).transpose(1, 0).reshape(r, 1, 3, 1),
                                        c.get(2).transpose(1, 0).reshape(r, 1, 1, 3),
                                        c.get(3).reshape(out, r, 1, 1)),
                        (x, w) -> {
                            NDArray t = point(x, w.get(0), 1);
                            t = convolve(t, w.get(1), new Shape(1, 0), groups);
                            t = convolve(t, w.get(2), new Shape(0, 1), groups);
                            return point(t, w.get(3), 1);
                        }),
                order(
                        "1x1, depthwise kxk, 1x1",
                        c -> {
                            NDArray k = c.get(1).transpose(1, 0).reshape(r, 3, 1);
                            k = k.mul(c.get(2).transpose(1, 0).reshape(r, 1, 3));
                            return new NDList(
                                    turned(c.get(0)),
                                    k.reshape(r, 1, 3, 3),
                                    c.get(3).reshape(out, r, 1, 1));
                        },
                        (x, w) -> sandwich(x, w, groups)),
                kernelFirst(
                        n,
                        c -> {
                            NDArray k = c.get(1).reshape(3, 1, r).mul(c.get(2).reshape(1, 3, r));
                            k = c.get(0).reshape(in, 1, r).mul(k.reshape(1, 9, r));
                            return c.get(3).matMul(k.reshape(in * 9, r).transpose(1, 0));
                        }));
    }

    private static List<Contestant> hyperTucker(TensorNetwork n) {
        long r = n.mode("r").size();
        long in = n.inputChannels();
        int groups = Math.toIntExact(r);
        return List.of(
                order(
                        "1x1, depthwise kxk, 1x1",
                        c ->
                                new NDList(
                                        turned(c.get(0)),
                                        c.get(1).reshape(r, 1, 3, 3),
                                        turned(c.get(2))),
                        (x, w) -> sandwich(x, w, groups)),
                kernelFirst(
                        n,
                        c -> {
                            NDArray k = c.get(1).reshape(r, 1, 9);
                            k = c.get(0).transpose(1, 0).reshape(r, in, 1).mul(k);
                            return c.get(2).transpose(1, 0).matMul(k.reshape(r, in * 9));
                        }));
    }

    private static List<Contestant> blockTerm(TensorNetwork n) {
        long blocks = n.mode("rb").size();
        long r1 = n.mode("r1").size();
        long r2 = n.mode("r2").size();
        long in = n.inputChannels();
        long out = n.outputChannels();
        int groups = Math.toIntExact(blocks);
        return List.of(
                order(
                        "1x1, grouped kxk, 1x1",
                        c ->
                                new NDList(
                                        c.get(0).transpose(0, 2, 1).reshape(blocks * r1, in, 1, 1),
                                        c.get(1)
                                                .transpose(0, 2, 1, 3, 4)
                                                .reshape(blocks * r2, r1, 3, 3),
                                        c.get(2)
                                                .transpose(2, 0, 1)
                                                .reshape(out, blocks * r2, 1, 1)),
                        (x, w) -> sandwich(x, w, groups)),
                kernelFirst(
                        n,
                        c -> {
                            NDArray k = c.get(0).matMul(c.get(1).reshape(blocks, r1, r2 * 9));
                            k = k.reshape(blocks, in, r2, 9).transpose(0, 2, 1, 3);
                            NDArray o = c.get(2).transpose(2, 0, 1).reshape(out, blocks * r2);
                            return o.matMul(k.reshape(blocks * r2, in * 9));
                        }));
    }

    /** 1x1, k x k in groups, 1x1. */
    private static NDArray sandwich(NDArray x, NDList w, int groups) {
        return point(wide(point(x, w.get(0), 1), w.get(1), groups), w.get(2), 1);
    }

    /** Two links of a chain over the mode between them: (left.., m) and (m, right..). */
    private static NDArray chain(NDArray left, NDArray right) {
        long m = right.getShape().get(0);
        NDArray product = left.reshape(-1, m).matMul(right.reshape(m, -1));
        return product.reshape(
                left.getShape()
                        .slice(0, left.getShape().dimension() - 1)
                        .addAll(right.getShape().slice(1)));
    }

    static NDArray wide(NDArray x, NDArray w, int groups) {
        return convolve(x, w, ONE, groups);
    }

    private static NDArray point(NDArray x, NDArray w, int groups) {
        return convolve(x, w, NONE, groups);
    }

    private static NDArray convolve(NDArray x, NDArray w, Shape padding, int groups) {
        return Conv2d.conv2d(x, w, null, ONE, padding, ONE, groups).singletonOrThrow();
    }
}
