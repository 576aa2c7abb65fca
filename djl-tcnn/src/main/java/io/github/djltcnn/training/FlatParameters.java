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

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.djltcnn.torchscript.ScriptArchive;
import io.github.djltcnn.torchscript.ScriptModule;
import java.util.ArrayList;
import java.util.List;

/**
 * Parameters of one device and data type that lie one after the other in memory, and so do their
 * gradients and what is remembered of them. One operation of libtorch is then enough for all.
 *
 * <p>The arrays of the parameters stay the arrays that they were: their memory is exchanged. Their
 * gradients are moved at the next step. Each step looks whether somebody gave an array or a
 * gradient other memory, and takes it back.
 */
final class FlatParameters implements AutoCloseable {

    /** Every parameter starts at a multiple of so many elements: at 64 bytes, in float32. */
    private static final long ALIGNMENT = 16;

    private final NDManager manager;
    private final NDManager host;
    private final ScriptModule module;
    private final UpdateRule rule;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();

    /** How many slots each piece has; slots of a piece have the same rates. */
    private int[] pieces = {};

    /**
     * Lays parameters out.
     *
     * @param parent the owner of the memory
     * @param rule the rule of the update
     * @param gradients what is done with gradients before
     * @param given the parameters, of one device and type; those of equal rates side by side
     */
    FlatParameters(NDManager parent, UpdateRule rule, GradientRule gradients, List<Slot> given) {
        this.rule = rule;
        Device device = given.get(0).weight().getDevice();
        DataType type = given.get(0).weight().getDataType();
        manager = parent.newSubManager(device);
        host = manager.newSubManager(Device.cpu());
        module = ScriptModule.load(archive(rule, gradients), device);
        manager.attachInternal(NDManager.nextUid(), module);
        slots.addAll(given);
        layOut(type);
    }

    private void layOut(DataType type) {
        long total = 0;
        for (Slot slot : slots) {
            long size = (slot.weight().size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            sizes.add(size);
            total += size;
        }
        NDArray[] flat = new NDArray[2 + rule.states().size()];
        for (int n = 0; n < flat.length; n++) {
            flat[n] = manager.zeros(new Shape(total), type);
        }
        call("begin", flat);
        new NDList(flat).close();
        long start = 0;
        for (int n = 0; n < slots.size(); n++) {
            adopt(slots.get(n), start);
            start += sizes.get(n);
        }
    }

    private void adopt(Slot slot, long start) {
        NDArray[] arguments = new NDArray[2 + slot.states().size()];
        try (NDArray offset = host.create(start)) {
            // The first one says who owns the results.
            arguments[0] = offset;
            arguments[1] = slot.weight();
            for (int n = 2; n < arguments.length; n++) {
                arguments[n] = slot.states().get(n - 2);
            }
            NDList views = module.call("adopt", arguments);
            views.attach(manager);
            views.remove(0).close();
            slot.move(this, views);
        }
    }

    List<Slot> slots() {
        return slots;
    }

    /** Whether all parameters still lie here. */
    boolean isWhole() {
        return slots.stream().allMatch(slot -> slot.isAt(this));
    }

    /** Whether a gradient is not zero. */
    boolean hasGradients() {
        return squares() != 0;
    }

    /** The sum of the squares of all gradients. */
    double squares() {
        try (NDArray any = host.create(0f);
                NDList result = module.call("squares", any)) {
            return result.head().getDouble();
        }
    }

    /**
     * Makes a step with all parameters, and sets their gradients to zero.
     *
     * @param rates the rates of each slot
     * @param factor by what gradients are multiplied for the bound of their norm
     */
    void step(List<double[]> rates, double factor) {
        split(rates);
        int rows = rates.get(0).length + 1;
        double[] numbers = new double[rows * pieces.length];
        int slot = 0;
        for (int piece = 0; piece < pieces.length; piece++) {
            for (int row = 0; row + 1 < rows; row++) {
                numbers[row * pieces.length + piece] = rates.get(slot)[row];
            }
            numbers[(rows - 1) * pieces.length + piece] = factor;
            slot += pieces[piece];
        }
        try (NDArray table = host.create(numbers, new Shape(rows, pieces.length))) {
            call("step", table);
        }
    }

    /** Cuts the gradients where the rates change, unless they are cut so already. */
    private void split(List<double[]> rates) {
        if (fits(rates)) {
            return;
        }
        List<Integer> counts = new ArrayList<>();
        List<Long> lengths = new ArrayList<>();
        for (int n = 0; n < slots.size(); n++) {
            if (n > 0 && same(rates.get(n), rates.get(n - 1))) {
                int last = counts.size() - 1;
                counts.set(last, counts.get(last) + 1);
                lengths.set(last, lengths.get(last) + sizes.get(n));
            } else {
                counts.add(1);
                lengths.add(sizes.get(n));
            }
        }
        pieces = counts.stream().mapToInt(Integer::intValue).toArray();
        try (NDArray array = host.create(lengths.stream().mapToLong(Long::longValue).toArray())) {
            call("split", array);
        }
    }

    private boolean fits(List<double[]> rates) {
        int slot = 0;
        for (int count : pieces) {
            for (int n = 1; n < count; n++) {
                if (!same(rates.get(slot + n), rates.get(slot))) {
                    return false;
                }
            }
            slot += count;
        }
        return slot == slots.size();
    }

    private static boolean same(double[] a, double[] b) {
        return a[0] == b[0] && a[a.length - 1] == b[b.length - 1];
    }

    private void call(String method, NDArray... arguments) {
        module.call(method, arguments).close();
    }

    /**
     * Gives the parameters memory of their own again.
     *
     * @param owner the manager of what is remembered
     */
    void release(NDManager owner) {
        for (Slot slot : slots) {
            if (slot.isAt(this)) {
                call("leave", slot.weight());
                List<NDArray> states = new ArrayList<>();
                for (NDArray state : slot.states()) {
                    NDArray own = state.duplicate();
                    own.attach(owner);
                    states.add(own);
                }
                slot.move(null, states);
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }

    private static ScriptArchive archive(UpdateRule rule, GradientRule gradients) {
        StringBuilder begin = new StringBuilder("def begin(self, w: Tensor, g: Tensor");
        StringBuilder adopt = new StringBuilder("def adopt(self, start: Tensor, p: Tensor");
        StringBuilder flats = new StringBuilder("w, g");
        StringBuilder views = new StringBuilder("w");
        StringBuilder copies = new StringBuilder();
        StringBuilder names = new StringBuilder();
        for (int n = 0; n < rule.states().size(); n++) {
            begin.append(", s").append(n).append(": Tensor");
            adopt.append(", s").append(n).append(": Tensor");
            flats.append(", s").append(n);
            views.append(", v").append(n);
            String flat = "self.flats[" + (n + 2) + "]";
            copies.append(
                    "  v%d = torch.as_strided(%s, sizes, strides, offset)\n".formatted(n, flat));
            copies.append("  _ = torch.copy_(v%d, s%d)\n".formatted(n, n));
            names.append("  s%d = %s\n".formatted(n, flat));
        }
        StringBuilder step = new StringBuilder("def step(self, rates: Tensor) -> Tensor:\n");
        step.append("  self.gather()\n  w = self.flats[0]\n  g = self.flats[1]\n").append(names);
        gradients.script().forEach(line -> step.append("  ").append(line).append('\n'));
        rule.script().forEach(line -> step.append("  ").append(line).append('\n'));
        step.append("  _ = torch.zero_(g)\n  return rates");
        return ScriptArchive.builder("Fused")
                .addList("flats")
                .addList("parameters")
                .addList("weights")
                .addList("gradients")
                .addList("pieces")
                .addMethod(
                        begin
                                + """
                                ) -> Tensor:
                                  for t in [%s]:
                                    _ = torch.append(self.flats, t)
                                  return w"""
                                        .formatted(flats))
                .addMethod(
                        adopt
                                + """
                                ) -> List[Tensor]:
                                  offset = int(start)
                                  sizes = torch.size(p)
                                  strides = torch.stride(torch.empty_like(p))
                                  w = torch.as_strided(self.flats[0], sizes, strides, offset)
                                  g = torch.as_strided(self.flats[1], sizes, strides, offset)
                                  _ = torch.copy_(w, p)
                                  _ = torch.set_(p, w)
                                  _ = torch.append(self.parameters, p)
                                  _ = torch.append(self.weights, w)
                                  _ = torch.append(self.gradients, g)
                                """
                                + copies
                                + "  return ["
                                + views
                                + "]")
                .addMethod(
                        """
                        def leave(self, p: Tensor) -> Tensor:
                          _ = torch.set_(p, torch.clone(p))
                          gradient = annotate(Optional[Tensor], ops.prim.grad(p))
                          if torch.__isnot__(gradient, None):
                            g = unchecked_cast(Tensor, gradient)
                            _ = torch.set_(g, torch.clone(g))
                          return torch.detach(p)""")
                .addMethod(
                        """
                        def split(self, lengths: Tensor) -> Tensor:
                          torch.clear(self.pieces)
                          start = 0
                          for i in range(torch.size(lengths, 0)):
                            length = int(torch.select(lengths, 0, i))
                            piece = torch.narrow(self.flats[1], 0, start, length)
                            _ = torch.append(self.pieces, piece)
                            start = torch.add(start, length)
                          return lengths""")
                .addMethod(
                        """
                        def gather(self) -> NoneType:
                          for i in range(torch.len(self.parameters)):
                            p = self.parameters[i]
                            w = self.weights[i]
                            if torch.is_set_to(p, w):
                              pass
                            else:
                              _ = torch.copy_(w, p)
                              _ = torch.set_(p, w)
                            gradient = annotate(Optional[Tensor], ops.prim.grad(p))
                            if torch.__isnot__(gradient, None):
                              g = unchecked_cast(Tensor, gradient)
                              if torch.is_set_to(g, self.gradients[i]):
                                pass
                              else:
                                _ = torch.copy_(self.gradients[i], g)
                                _ = torch.set_(g, self.gradients[i])
                          return None""")
                .addMethod(
                        """
                        def squares(self, any: Tensor) -> Tensor:
                          self.gather()
                          g = torch.to(self.flats[1], 7)
                          return torch.dot(g, g)""")
                .addMethod(step.toString())
                .build();
    }
}
