#!/usr/bin/env python3
# Copyright 2026 The djl-tcnn authors
#
# Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
# in compliance with the License. You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software distributed under the License
# is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
# or implied. See the License for the specific language governing permissions and limitations under
# the License.
"""Rules for drawing cores that were tried, kept or not, on the stack of CompareDepth.

python3 docs/data/depth-sketch.py [seeds]     (32 by default; needs numpy alone, a few minutes)

30 convolutions 3x3 of 32 channels with ReLU, periodic 8x8 images, four of them; log10 of what is
left of the second moment forward / backward, medians over the seeds, as a table.
"""
import itertools
import sys

import numpy as np

LAYERS, SIDE, BATCH, CHANNELS = 30, 8, 4, 32


class Format:
    """Cores as strings of one-letter modes, and for each core the modes that are summed at it."""

    def __init__(self, name, cores, summed, sizes, inputs, outputs):
        self.name, self.cores, self.summed = name, cores.split(), summed.split()
        self.sizes, self.inputs, self.outputs = sizes, inputs, outputs


FORMATS = [
    Format("CP 16", "ir hr wr or", "i h w r", dict(i=32, h=3, w=3, o=32, r=16), "i", "o"),
    Format("Tucker-2 16", "ia abhw bo", "i ahw b", dict(i=32, a=16, b=16, h=3, w=3, o=32), "i", "o"),
    Format("TT 6", "ia ajb bhwc cod dp", "i aj bhw c d",
           dict(i=4, j=8, a=6, b=6, c=6, d=6, h=3, w=3, o=4, p=8), "ij", "op"),
    Format("TR 6", "zia ajb bhwc cod dpz", "i aj bhw c dz",
           dict(z=6, i=4, j=8, a=6, b=6, c=6, d=6, h=3, w=3, o=4, p=8), "ij", "op"),
    Format("dense", "oihw", "ihw", dict(i=32, o=32, h=3, w=3), "i", "o"),
]


def haar(rows, columns, rng):
    """A matrix of mean square 1 with orthonormal rows or columns, scaled."""
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r)) * np.sqrt(max(rows, columns))
    return q if rows >= columns else q.T


def balanced(rows, columns, rng):
    """The same, with exactly the mean response to a vector of ones where there are more rows."""
    if rows <= columns:
        return haar(rows, columns, rng)
    ones = np.ones(rows) / np.sqrt(rows)
    other = rng.standard_normal((rows, columns))
    q, _ = np.linalg.qr(other - np.outer(ones, ones @ other))
    share = columns / rows
    q[:, 0] = np.sqrt(share) * ones + np.sqrt(1 - share) * q[:, 0]
    return np.sqrt(rows) * q @ haar(columns, columns, rng) / np.sqrt(columns)


def cosines(size):
    basis = np.cos(np.pi * np.outer(np.arange(size), np.arange(size) + 0.5) / size)
    return basis / np.linalg.norm(basis, axis=1, keepdims=True)


def unfolding(core, summed, sizes, rule):
    if "squarest" in rule:
        subsets = itertools.chain.from_iterable(
            itertools.combinations(core, n) for n in range(1, len(core)))
        total = np.prod([sizes[m] for m in core])
        return list(max(subsets, key=lambda s: min(
            np.prod([sizes[m] for m in s]), total / np.prod([sizes[m] for m in s]))))
    return list(summed)


def draw_core(fmt, n, sizes, rule, rng):
    core, rows = fmt.cores[n], unfolding(fmt.cores[n], fmt.summed[n], sizes, rule)
    if "normal" in rule:
        return rng.standard_normal([sizes[m] for m in core])
    if "one-hot" in rule and core in ("hr", "wr"):
        return np.sqrt(3) * rng.choice([-1, 1], 16) * np.eye(3)[:, rng.integers(0, 3, 16)]
    apart = []
    if "frequency" in rule:
        apart = [m for m in core if m in "hw"]
        if fmt.name in ("TT 6", "TR 6") and not (fmt.name == "TT 6" and len(core) == 2):
            apart += [m for m in core if "input pieces" in rule and m in fmt.inputs]
            apart += [m for m in core if "output pieces" in rule and m in fmt.outputs]
            if apart and fmt.name == "TR 6":
                rows = [m for m in core if m in rows or m in "zd" and m == core[0]]
                rows = [m for m in rows if not (m == "z" and core[0] != "z")]
    passing = "r" if "frequency" in rule and core in ("hr", "wr") else ""
    rows = [m for m in rows if m not in apart]
    columns = [m for m in core if m not in rows and m not in apart and m not in passing]
    height, width = (int(np.prod([sizes[m] for m in modes])) for modes in (rows, columns))
    frame = balanced if "balanced" in rule and "i" in rows else haar
    batch = [sizes[m] for m in passing] + [sizes[m] for m in apart]
    matrices = np.array([frame(height, width, rng) for _ in range(int(np.prod(batch)))])
    order = list(passing) + apart + rows + columns
    tensor = matrices.reshape([sizes[m] for m in order])
    for m in apart:
        axis = order.index(m)
        tensor = np.moveaxis(np.tensordot(cosines(sizes[m]), tensor, (0, axis)), 0, axis)
    return np.einsum("".join(order) + "->" + core, tensor)


def one_isometry(cores, rng):
    """A tensor train whose input side is one isometry from all pieces to the rank behind them."""
    pieces, rank = cores[0].shape[0], cores[1].shape[2]
    cores[0], cores[1] = np.zeros_like(cores[0]), np.zeros_like(cores[1])
    cores[0][:, :pieces] = np.eye(pieces)
    cores[1][:pieces] = haar(pieces * cores[1].shape[1], rank, rng).reshape(pieces, -1, rank)


def draw(fmt, rule, rng):
    """A kernel whose norm is exactly what the unified rule has on average."""
    sizes = dict(fmt.sizes)
    mirrored = [modes[0] for key, modes in (("in mirrored", fmt.inputs), ("out mirrored", fmt.outputs))
                if key in rule]
    for m in mirrored:
        sizes[m] //= 2
    cores = [draw_core(fmt, n, sizes, rule, rng) for n in range(len(fmt.cores))]
    if "one isometry" in rule:
        one_isometry(cores, rng)
    for m in mirrored:
        n = next(n for n, core in enumerate(fmt.cores) if m in core)
        axis = fmt.cores[n].index(m)
        cores[n] = np.concatenate([cores[n], -cores[n]], axis)
    kernel = np.einsum(",".join(fmt.cores) + "->" + fmt.outputs + fmt.inputs + "hw", *cores,
                       optimize=True).reshape(CHANNELS, CHANNELS, 3, 3)
    white = (kernel ** 2).sum() / (CHANNELS * 9)
    if "expected" in rule:
        ranks = np.prod([s for m, s in sizes.items() if m not in fmt.inputs + fmt.outputs + "hw"])
        white = CHANNELS * ranks
    if "mean direction" in rule:
        # Rectified normal inputs: a share of 1 / pi of their energy lies in one direction.
        constant = (kernel.sum((1, 2, 3)) ** 2).sum() / (CHANNELS * 9)
        white = (1 - 1 / np.pi) * white + constant / np.pi
    return kernel * np.sqrt(2 / (CHANNELS * 9) * CHANNELS / white)


def convolve(x, kernel):
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="wrap")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(BATCH * SIDE * SIDE, -1)
    y = columns @ kernel.reshape(CHANNELS, -1).T
    return y.reshape(BATCH, SIDE, SIDE, CHANNELS).transpose(0, 3, 1, 2)


def stack(fmt, rule, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((BATCH, CHANNELS, SIDE, SIDE))
    first, kernels, outputs = (x ** 2).mean(), [], []
    for _ in range(LAYERS):
        kernels.append(draw(fmt, rule, rng))
        outputs.append(convolve(x, kernels[-1]))
        x = np.maximum(outputs[-1], 0)
    error = rng.standard_normal(x.shape)
    last = (error ** 2).mean()
    for layer in range(LAYERS - 1, 0, -1):
        transposed = kernels[layer][:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        error = convolve(error, transposed) * (outputs[layer - 1] > 0)
    return (np.log10((outputs[-1] ** 2).mean() / (2 * first)),
            np.log10((error ** 2).mean() / last))


RULES = [
    "normal, expected norm",
    "normal",
    "one unfolding",
    "one unfolding, squarest",
    "one unfolding, norm by mean direction",
    "one unfolding, out mirrored",
    "one unfolding, in mirrored, out mirrored",
    "one unfolding, one-hot, in mirrored, out mirrored",
    "frequency",
    "frequency, balanced channels",
    "frequency, input pieces",
    "frequency, input pieces, output pieces",
    "frequency, out mirrored",
    "frequency, input pieces, out mirrored",
    "frequency, input pieces, output pieces, out mirrored",
    "frequency, in mirrored, out mirrored",
    "frequency, in mirrored, out mirrored, one isometry",
]

if __name__ == "__main__":
    SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    print("| rule |" + "".join(f" {fmt.name} |" for fmt in FORMATS))
    print("|---|" + "---|" * len(FORMATS))
    for rule in RULES:
        cells = []
        for fmt in FORMATS:
            if "one isometry" in rule and fmt.name != "TT 6":
                cells.append("-")
                continue
            sample = np.array([stack(fmt, rule, seed) for seed in range(1, SEEDS + 1)])
            forward, backward = np.median(sample, axis=0)
            cells.append(f"{forward:.2f} / {backward:.2f}")
        print(f"| {rule} | " + " | ".join(cells) + " |", flush=True)
