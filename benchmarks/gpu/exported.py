"""Checks and times exported models on a machine that has torch and neither Java nor this library.

A folder that GpuModels wrote holds NAME.pt, NAME.input.bin and NAME.output.bin (float32, little
endian) for each model, and models.json with their shapes. Each model is loaded on the device, its
outputs are compared with those stored beside it, in float32 with and without TF32, in float16 and
in bfloat16, and it is timed against the dense model of its kind.

    python exported.py FOLDER [--device cuda] [--batches 1,32,256] [--seconds 1.0]

Without a GPU, --device cpu rehearses it. A model that does not load, or float32 outputs further
than 1e-4 of the largest from those stored (1e-2 with TF32), make the exit status 1.
"""

import argparse
import json
import pathlib
import sys
import time

import torch

TOLERANCES = {"float32": 1e-4, "tf32": 1e-2, "float16": 5e-2, "bfloat16": 2e-1}


def numbers(path, shape):
    data = torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.float32)
    return data.reshape(shape)


def precisions(device):
    yield "float32", torch.float32, False
    if device == "cuda":
        yield "tf32", torch.float32, True
        yield "float16", torch.float16, False
    yield "bfloat16", torch.bfloat16, False


def use_tf32(wanted):
    torch.backends.cuda.matmul.allow_tf32 = wanted
    torch.backends.cudnn.allow_tf32 = wanted


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def milliseconds(model, x, device, seconds):
    """The median time of a call, over as many calls as fit into the time."""
    for _ in range(3):
        model(x)
    wait(device)
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        begin = time.perf_counter()
        model(x)
        wait(device)
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2] * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batches", default="1,32,256")
    parser.add_argument("--seconds", type=float, default=0.3)
    arguments = parser.parse_args()
    device = arguments.device
    batches = [int(batch) for batch in arguments.batches.split(",")]
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    print("torch", torch.__version__, "on", name)
    models = json.loads((arguments.folder / "models.json").read_text())
    failures = 0
    dense = {}
    with torch.inference_mode():
        for entry in models:
            path = arguments.folder / (entry["name"] + ".pt")
            stored = numbers(arguments.folder / (entry["name"] + ".input.bin"), entry["input"])
            wanted = numbers(arguments.folder / (entry["name"] + ".output.bin"), entry["output"])
            for precision, dtype, tf32 in precisions(device):
                use_tf32(tf32)
                try:
                    model = torch.jit.load(str(path), map_location=device).to(dtype).eval()
                    found = model(stored.to(device, dtype)).float().cpu()
                except RuntimeError as error:
                    print(entry["name"], precision, "FAILED", str(error).splitlines()[-1])
                    failures += 1
                    continue
                apart = float((found - wanted).abs().max() / wanted.abs().max())
                right = apart <= TOLERANCES[precision]
                # Half precision is reported, not judged: how far it is off depends on the weights.
                failures += not right and precision in ("float32", "tf32")
                line = f"{entry['name']:24} {precision:9} apart {apart:.1e}"
                for batch in batches:
                    shape = [batch] + entry["input"][1:]
                    x = torch.rand(shape, device=device).to(dtype)
                    took = milliseconds(model, x, device, arguments.seconds)
                    key = (entry["kind"], precision, batch)
                    if entry["dense"]:
                        dense[key] = took
                    line += f"  {batch}: {took:.3f} ms"
                    if key in dense:
                        line += f" ({took / dense[key]:.2f} of dense)"
                print(line if right else line + "  FAR APART", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
