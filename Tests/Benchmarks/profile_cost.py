#!/usr/bin/env python3
"""Prints what a quick profile of a model costs beside a full one, and how far off plans made with it are.

    profile_cost.py PATH_OF_LAMELLA MODEL.onnx

Measures the model's bundles of up to four layers at the clock that the board has, fully and quickly. Then prices the
same random plans over two such boards with both profiles; a plan's error is against the full profile's figure.
"""

import csv
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

BUNDLE_LAYERS = 4
SAMPLES = 20
PLANS = 30
MOST_RUNS = 5
BOARDS = ("here", "there")

DEVICE = """
[[device]]
id = "{0}"
node = "{0}"
flops = 1e10
memory_bandwidth_bytes_per_s = 1e10
memory_bytes = 8_000_000_000
"""
CLUSTER = (
    'name = "bench"\n[application]\nsource = "here"\ndestination = "here"\n'
    + "".join(DEVICE.format(board) for board in BOARDS)
    + '[[link]]\nbetween = ["here", "there"]\nbandwidth_bytes_per_s = 1e9\nlatency_s = 0\n')


def profile(lamella, model, output, *more):
    """Measures this machine, gives its figures to both boards, and returns the time in seconds."""
    start = time.monotonic()
    run = subprocess.run(
        [lamella, "profile", model, "--device", BOARDS[0], "--max-bundle-size", str(BUNDLE_LAYERS), "--samples",
         str(SAMPLES), "--output", output, *more], capture_output=True, text=True)
    took_s = time.monotonic() - start
    if run.returncode != 0:
        raise SystemExit(run.stderr.strip())
    with open(output, newline="") as file:
        rows = list(csv.DictReader(file))
    with open(output, "a", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writerows({**row, "device": BOARDS[1]} for row in rows)
    return took_s, len(rows)


def plan(lamella, model, cluster, table, pins):
    run = subprocess.run(
        [lamella, "plan", model, "--cluster", cluster, "--profile", table, "--max-bundle-size", str(BUNDLE_LAYERS),
         "--preload", "on", "--json", *(part for pin in pins for part in ("--pin", f"{pin[0]}={pin[1]}"))],
        capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(run.stderr.strip())
    return json.loads(run.stdout)


def random_pins(layers, generator):
    """Up to five runs of consecutive layers, each on the other board than the one before."""
    cuts = set(generator.sample(range(1, len(layers)), generator.randrange(MOST_RUNS)))
    board = generator.randrange(2)
    pins = []
    for index, layer in enumerate(layers):
        board = 1 - board if index in cuts else board
        pins.append((layer, BOARDS[board]))
    return pins


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    lamella = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        filled, cluster = folder / "model", folder / "cluster.toml"
        full, quick = folder / "full.csv", folder / "quick.csv"
        subprocess.run(
            [lamella, "model", "fill", os.path.abspath(sys.argv[2]), "--output", filled, "--seed", "1"], check=True,
            capture_output=True)
        model = next(filled.glob("*.onnx"))
        cluster.write_text(CLUSTER)
        full_s, full_count = profile(lamella, model, full)
        quick_s, quick_count = profile(lamella, model, quick, "--quick")
        named = [layer["name"] for layer in plan(lamella, model, cluster, full, [])["layers"]]
        layers = [name for name in named if name not in ("source", "destination")]
        generator = random.Random(1)
        errors = []
        for _ in range(PLANS):
            pins = random_pins(layers, generator)
            truth_s, guess_s = (
                plan(lamella, model, cluster, table, pins)["compute_s"] for table in (full, quick))
            errors.append(abs(guess_s - truth_s) / truth_s)
        print(f"a quick profile takes 1/{full_s / quick_s:.1f} of a full one ({quick_count} bundles in "
              f"{quick_s:.1f} s, {full_count} in {full_s:.1f} s); {PLANS} random plans priced with it are off by "
              f"{statistics.median(errors) * 100:.1f} % in the median, {max(errors) * 100:.0f} % at most")


if __name__ == "__main__":
    main()
