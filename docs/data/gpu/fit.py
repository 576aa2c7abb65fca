"""Fits the cost model that ships for GPUs to the plans that were measured on one.

    python3 docs/data/gpu/fit.py                      prints the fit and how it does on what it has not seen
    python3 docs/data/gpu/fit.py --write FILE         also writes the coefficients as a cost model

Needs numpy and scipy. Reads layers-h200-batch*.csv (measured times) and steps-h200.csv (the steps of each plan).

The time of a plan is a sum over its steps. A step costs a launch, its multiply-adds and its bytes:

    seconds = launch + mac * multiply-adds + byte * bytes

- Multiply-adds are counted with the channels filled up to what tensor cores compute at once (FILL_IN, FILL_OUT); where a
  channel count of a convolution is no multiple of 4 they cost "unaligned" times as much.
- A convolution with channels first copies its operands into channels last and back, which costs "turn" per byte on top. A
  1 x 1 convolution with channels first is a matrix product without tensor cores: "pointwise" per multiply-add.
- A backward pass costs "backward_launch" launches more and "backward" times the work of the forward pass. Every step with a
  weight has one weight to bring into shape, so that the launches of this are part of its own: the planner's search knows the
  steps before it knows how their weights are made. A copy costs the same in both directions.

Dense convolutions were also timed alone, in both layouts: what they took more or less than that stands in the model as
timed steps, and corrects steps that are near to them in size, as it does for CPUs.

The read-back and the call that every measurement contains ("call", "call_training") are fitted and left out of the model.
Errors are relative; a plan that took r times the best of its cell counts exp(-WEIGHT * (r - 1)), at least 0.1: what matters is
which of the good plans is best. No rate may be better than the peak of the hardware.
"""

import argparse
import collections
import csv
import os

import numpy
from scipy.optimize import least_squares

HERE = os.path.dirname(os.path.abspath(__file__))
FILL_IN, FILL_OUT = 32, 64
ALIGNMENT = 4
WEIGHT = 1.25
KEPT_KERNEL = 1.05  # the planner takes one convolution with a kept kernel if it is predicted to cost at most so much more

# name: (start, least, most). H200: 4.8e12 bytes/s; 4.95e14 flop/s in TF32 without sparsity.
COEFFICIENTS = {
    "call": (2e-5, 1e-6, 1e-3),
    "call_training": (3e-4, 1e-6, 1e-2),
    "launch": (1e-5, 1e-6, 1e-3),
    "launch_last": (1.5, 1, 4),
    "backward_launch": (15, 1, 60),
    "merge": (1.5e-4, 1e-5, 1e-3),
    "mac": (4e-15, 2 / 4.95e14, 1e-12),
    "unaligned": (2, 1, 100),
    "extra": (2, 1, 10),
    "pointwise": (2e-14, 2 / 4.95e14, 1e-12),
    "byte": (3e-13, 1 / 4.8e12, 1e-11),
    "turn": (6e-13, 1e-14, 1e-11),
    "copy": (6e-13, 1 / 4.8e12, 1e-11),
    "depthwise_first": (4e-13, 1 / 4.8e12, 1e-11),
    "backward": (2, 1, 4),
}
CONVOLUTIONS = {"CONVOLUTION_FIRST", "CONVOLUTION_LAST", "CONVOLUTION_LAST_EXTRA"}
NUMBERS = ("macs", "read", "written", "in", "out", "groups", "batch", "positions", "taps")


def rates(operation, p):
    """launch, per multiply-add, per byte of one kind of step, forward."""
    first = operation.endswith("_FIRST")
    launch = p["launch"] * (1 if first or operation == "COPY" else p["launch_last"])
    if operation == "COPY":
        return launch, 0, p["copy"]
    if operation in ("SCALE", "DEPTHWISE_LAST", "DEPTHWISE_LAST_EXTRA"):
        return launch, 0, p["byte"]
    if operation == "DEPTHWISE_FIRST":
        return launch, 0, p["depthwise_first"]
    if operation == "MERGE":
        return p["merge"], p["mac"], p["byte"]
    if operation == "PREPARE":
        return 0, 0, p["byte"]
    if operation == "CONVOLUTION_FIRST" or operation == "GROUPED_FIRST":
        return launch, p["mac"], p["byte"] + p["turn"]
    if operation.endswith("_EXTRA"):
        return launch, p["mac"] * p["extra"], p["byte"] * p["extra"]
    if operation in ("POINTWISE_FIRST", "PRODUCT_FIRST", "PRODUCT_LAST"):
        return launch, p["pointwise"], p["byte"]
    return launch, p["mac"], p["byte"]


def fills(operation):
    return operation in CONVOLUTIONS or operation.startswith(("POINTWISE", "PRODUCT", "GROUPED"))


def multiply_adds(step, p):
    if not fills(step["operation"]):
        return step["macs"]
    filled = numpy.ceil(step["in"] / FILL_IN) * FILL_IN * numpy.ceil(step["out"] / FILL_OUT) * FILL_OUT
    slow = step["operation"] in CONVOLUTIONS and (step["in"] % ALIGNMENT or step["out"] % ALIGNMENT)
    return step["positions"] * step["taps"] * step["groups"] * filled * (p["unaligned"] if slow else 1)


def once(operation):
    """Whether the backward pass of a kind of step costs what the forward pass does."""
    return operation in ("COPY", "PREPARE")


def place(step):
    """Where a step lies among the others of its kind: Neighbours.place of the library."""
    logs = [numpy.log2(step[key]) for key in ("in", "out", "groups", "batch", "positions", "taps")]
    return numpy.array(logs) * (1, 1, 0.7, 0.5, 0.5, 1)


def correction(step, timed):
    """Neighbours.correction of the library, forward."""
    total, weights = 0.0, 0.15
    for other, logarithm in timed.get(step["operation"], ()):
        distance = numpy.sum(((place(step) - place(other)) / 0.6) ** 2)
        if distance < 9:
            weights += numpy.exp(-distance / 2)
            total += numpy.exp(-distance / 2) * logarithm
    return numpy.exp(total / weights)


def seconds(step, p, training, timed={}):
    operation = step["operation"]
    launch, mac, byte = rates(operation, p)
    work = mac * multiply_adds(step, p) + byte * (step["read"] + step["written"])
    there = (launch + work) * (correction(step, timed) if timed else 1)
    if not training:
        return there
    if operation == "MERGE":
        return launch + work * (1 + p["backward"])  # the launch is that of both directions
    if once(operation):
        return 2 * (launch + work)
    return there + launch * p["backward_launch"] + work * p["backward"]


class Plan:
    def __init__(self, row, steps):
        self.training = row["mode"] == "train"
        self.channels, self.batch, self.format = row["C"], row["N"], row["format"]
        self.cell = (row["mode"], row["C"], row["N"], row["format"])
        self.name = row["contestant"]
        self.measured = float(row["ms"]) * 1e-3
        self.steps = [s for s in steps if self.training or s["part"] == "activation"]
        self.kernel_first = sum(s["operation"] != "COPY" for s in steps if s["part"] == "activation") == 1

    def predict(self, p, timed={}):
        return sum(seconds(s, p, self.training, timed) for s in self.steps)


def load():
    steps = collections.defaultdict(list)
    with open(os.path.join(HERE, "steps-h200.csv")) as file:
        for row in csv.DictReader(file):
            for key in NUMBERS:
                row[key] = float(row[key])
            steps[row["mode"], row["C"], row["N"], row["format"], row["contestant"]].append(row)
    plans = []
    for batch in ("64", "256"):
        with open(os.path.join(HERE, "layers-h200-batch%s.csv" % batch)) as file:
            for row in csv.DictReader(file):
                key = row["mode"], row["C"], row["N"], row["format"], row["contestant"]
                if key in steps:
                    plans.append(Plan(row, steps[key]))
    return plans


def dense(p):
    """For both layouts the dense convolutions that were timed alone, as logarithms of measured over predicted."""
    measured = collections.defaultdict(list)
    for batch in ("64", "256"):
        with open(os.path.join(HERE, "layers-h200-batch%s.csv" % batch)) as file:
            for row in csv.DictReader(file):
                if row["mode"] == "predict" and row["contestant"] in ("dense", "dense_nhwc"):
                    layer = int(row["C"]), int(row["H"]), int(row["N"])
                    measured[row["contestant"], layer].append(float(row["ms"]) * 1e-3)
    timed = collections.defaultdict(list)
    for (contestant, (channels, size, batch)), times in measured.items():
        positions = batch * size * size
        step = {
            "operation": "CONVOLUTION_FIRST" if contestant == "dense" else "CONVOLUTION_LAST",
            "in": channels, "out": channels, "groups": 1, "batch": batch, "positions": positions, "taps": 9,
            "macs": positions * channels**2 * 9, "read": 4 * channels * (positions + channels * 9),
            "written": 4 * channels * positions,
        }  # fmt: skip
        # The median over the five formats, each of which had it for a contestant; two digits, as the model stores it.
        alone = numpy.median(times) - p["call"]
        timed[step["operation"]].append((step, round(numpy.log(alone / seconds(step, p, False)), 2)))
    return timed


def fit(plans):
    best = {}
    for plan in plans:
        best[plan.cell] = min(best.get(plan.cell, numpy.inf), plan.measured)
    weights = [max(0.1, numpy.exp(-WEIGHT * (q.measured / best[q.cell] - 1))) for q in plans]
    names = list(COEFFICIENTS)
    start, least, most = numpy.log(numpy.array([COEFFICIENTS[n] for n in names])).T

    def errors(logs):
        p = dict(zip(names, numpy.exp(logs)))
        return [
            w * numpy.log((p["call_training" if q.training else "call"] + q.predict(p)) / q.measured)
            for q, w in zip(plans, weights)
        ]

    inside = numpy.clip(start, least + 1e-9, most - 1e-9)
    found = least_squares(errors, inside, bounds=(least - 1e-12, most + 1e-12), loss="soft_l1", f_scale=0.1)
    return dict(zip(names, numpy.exp(found.x)))


def choices(plans, p, timed={}):
    """For each cell the measured time of the model's choice over that of the best."""
    cells = collections.defaultdict(list)
    for plan in plans:
        cells[plan.cell].append(plan)
    ratios = {}
    for cell, candidates in cells.items():
        predicted = {q.name: q.predict(p, timed) for q in candidates}
        chosen = min(candidates, key=lambda q: predicted[q.name])
        kept = [q for q in candidates if q.kernel_first and not q.training]
        if kept:
            simple = min(kept, key=lambda q: predicted[q.name])
            if predicted[simple.name] <= KEPT_KERNEL * predicted[chosen.name]:
                chosen = simple
        ratios[cell] = chosen.measured / min(q.measured for q in candidates), chosen.name
    return ratios


def summary(ratios):
    parts = []
    for mode in ("predict", "train"):
        values = [r for cell, (r, _) in ratios.items() if cell[0] == mode]
        parts.append("%s %d of %d, worst %.2f" % (mode, sum(v <= 1.1 for v in values), len(values), max(values)))
    return "; ".join(parts)


def held_out(plans, part):
    ratios = {}
    for value in sorted({part(q) for q in plans}):
        p = fit([q for q in plans if part(q) != value])
        ratios.update(choices([q for q in plans if part(q) == value], p))
    return ratios


def write(path, p, timed):
    operations = [
        "CONVOLUTION_FIRST", "CONVOLUTION_LAST", "CONVOLUTION_LAST_EXTRA", "POINTWISE_FIRST", "POINTWISE_LAST",
        "PRODUCT_FIRST", "PRODUCT_LAST", "GROUPED_FIRST", "GROUPED_LAST", "GROUPED_LAST_EXTRA", "DEPTHWISE_FIRST",
        "DEPTHWISE_LAST", "DEPTHWISE_LAST_EXTRA", "SCALE", "COPY", "MERGE", "PREPARE",
    ]  # fmt: skip
    lines = []
    for operation in operations:
        launch, mac, byte = rates(operation, p)
        whole = operation == "MERGE"
        work = 1 if once(operation) else p["backward"]
        # The model counts the multiply-adds of both gradients, twice those of the forward pass.
        both = mac * (work / 2 if mac else 0)
        forward = launch / 2 if whole else launch
        backward = launch / 2 if whole else launch * (1 if once(operation) else p["backward_launch"])
        lines.append("%s.forward = %.3g %.3g %.3g 0" % (operation, forward, mac, byte))
        lines.append("%s.backward = %.3g %.3g %.3g 0" % (operation, backward, both, byte * work))
        if operation in timed:
            rows = []
            for step, logarithm in timed[operation]:
                rows.append("%d %d %d %d %d %d 0 %.2f 0" % (*(step[k] for k in NUMBERS[3:]), logarithm))
            lines.append("%s.timed = %s" % (operation, ";".join(rows)))
        if fills(operation):
            slow = p["unaligned"] if operation in CONVOLUTIONS or operation.startswith("GROUPED") else 1
            lines.append("%s.filling = %d %d %d %.3g" % (operation, FILL_IN, FILL_OUT, ALIGNMENT, slow))
    with open(path, "w") as file:
        file.write(HEADER + "\n".join(sorted(lines)) + "\n")


HEADER = """\
# Fitted by docs/data/gpu/fit.py to 408 plans measured on one NVIDIA H200 (libtorch 2.11, CUDA 13, float32 with TF32 in
# convolutions and not in matrix products, as torch has it by default). Grouped convolutions, products and scaling were not
# among the plans: they have the rates of what they resemble. CostCalibration measures another device.
# Rates: seconds per launch, per multiply-add, per byte, and further per byte beyond the cache (none).
# Filling: channels in and out are filled up to multiples of these; unless they are multiples of the third number, the
# multiply-adds count the fourth number of times.
# Timed steps: in, out, groups, batch, positions, taps, small, and the logarithms of time over rate; forward only.
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    plans = load()
    p = fit(plans)
    for name, value in p.items():
        print("%-16s %.3g" % (name, value))
    print("fitted to all, without timed steps:", summary(choices(plans, p)))
    timed = dense(p)
    for operation, rows in timed.items():
        print(operation, *("%d: %.2f" % (step["in"], logarithm) for step, logarithm in rows))
    ratios = choices(plans, p, timed)
    print("fitted to all, with them:", summary(ratios))
    for cell, (ratio, name) in sorted(ratios.items(), key=lambda item: -item[1][0]):
        if ratio > 1.1:
            print("    %.2f" % ratio, cell, name)
    if not options.quick:
        print("Held out, without timed steps:")
        print("by batch:", summary(held_out(plans, lambda q: q.batch)))
        print("by layer:", summary(held_out(plans, lambda q: q.channels)))
        print("by format:", summary(held_out(plans, lambda q: q.format)))
    if options.write:
        write(options.write, p, timed)


if __name__ == "__main__":
    main()
