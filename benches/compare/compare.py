#!/usr/bin/env python3
"""Times the reference workloads beside other programs, in one run: see ../README.md.

    python3 benches/compare/compare.py [--rounds 3] [--workload W1,W3] [--peer diffsol,numbalsoda]

Makes what it needs under `target/`: a virtual environment with numbalsoda (whose build wants gfortran) and diffrax,
and the project in `rust/` with diffsol and pharmsol. Every round runs every program once, so that what else the
machine does meets all of them; the median counts.

A peer is asked for the tolerance 1e-6 and reaches some error. Ours runs at a range of tolerances; its speed at the
peer's error is read off between the two nearest by straight lines in logarithms, or at the loosest or tightest one
where the peer's error lies beyond.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "peers-python"
PYTHON = VENV / "bin" / "python"
WORKLOADS = ["W1", "W2", "W3", "W4", "W4n"]
PEERS = ["numbalsoda", "diffrax", "diffsol", "pharmsol"]
TOLERANCES = ["1e-3", "1e-4", "1e-5", "1e-6", "1e-7", "1e-8"]
# The method that a pilot takes.
METHODS = {"W1": "tsit5", "W2": "tsit5", "W3": "rodas5p", "W4": "rodas5p", "W4n": "rodas5p"}
# As many as take a second or so.
PATIENTS = {"numbalsoda": 512, "diffsol": 512, "pharmsol": 512, "diffrax": 128}


def call(command, **more):
    return subprocess.run([str(word) for word in command], check=True, **more)


def output(command):
    return call(command, stdout=subprocess.PIPE, text=True).stdout


def prepare(peers):
    """Builds what is asked for; gives the peers that could be."""
    call(["cargo", "build", "--release", "-p", "proband-benches"], cwd=ROOT)
    rust = [peer for peer in peers if peer in ("diffsol", "pharmsol")]
    python = [peer for peer in peers if peer not in rust]
    ready = []
    if rust:
        call(["cargo", "build", "--release", "--target-dir", TARGET / "peers"], cwd=HERE / "rust")
        ready += rust
    if python and not PYTHON.exists():
        call([sys.executable, "-m", "venv", VENV])
    for peer in python:
        if peer == "numbalsoda" and not shutil.which("gfortran"):
            print("numbalsoda is left out: its build needs gfortran", file=sys.stderr)
            continue
        call([PYTHON, "-m", "pip", "install", "-q", "numpy", "numba", "scipy", peer])
        ready.append(peer)
    return ready


def ours(workload, patients):
    """Speed and error by tolerance."""
    words = ["--workload", workload, "--method", METHODS[workload], "--tolerance", ",".join(TOLERANCES)]
    words += ["--patients", patients, "--rounds", 1, "--step", "whole", "--table"]
    rows = [line.split("\t") for line in output([TARGET / "release" / "workloads", *words]).splitlines()]
    widest = rows[-1][2]
    return {row[4]: (float(row[6]), float(row[7])) for row in rows if row[2] == widest}


def theirs(peer, workload):
    words = [peer, workload, PATIENTS[peer], "1e-6"]
    if peer in ("diffsol", "pharmsol"):
        command = [TARGET / "peers" / "release" / "proband-peers", *words]
    else:
        command = [PYTHON, HERE / "peers.py", *words]
    speed, error = output(command).split()
    return float(speed), float(error)


def at_error(curve, error):
    """Our speed at an error, from (error, speed) at several tolerances."""
    points = sorted(curve)
    if not error < points[-1][0]:
        return points[-1][1]
    if error <= points[0][0]:
        return points[0][1]
    for (low, slow), (high, fast) in zip(points, points[1:]):
        if low <= error <= high:
            part = (math.log(error) - math.log(low)) / (math.log(high) - math.log(low))
            return math.exp(math.log(slow) + part * (math.log(fast) - math.log(slow)))


def arguments():
    parser = argparse.ArgumentParser(description="The reference workloads beside other programs.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workload", default=",".join(WORKLOADS))
    parser.add_argument("--peer", default=",".join(PEERS))
    parser.add_argument("--patients", type=int, default=512, help="of ours")
    return parser.parse_args()


def main():
    asked = arguments()
    workloads = asked.workload.split(",")
    peers = prepare(asked.peer.split(","))
    own, other = {}, {}
    for _ in range(asked.rounds):
        for workload in workloads:
            for tolerance, (speed, error) in ours(workload, asked.patients).items():
                own.setdefault((workload, tolerance), []).append((speed, error))
            for peer in peers:
                other.setdefault((workload, peer), []).append(theirs(peer, workload))
    print("Patients per second of processor time on one core; ours at the error of each.\n")
    print("| workload | peer | its speed | its error | ours | ratio |")
    print("|---|---|---|---|---|---|")
    middle = lambda runs: (median(speed for speed, _ in runs), runs[0][1])  # noqa: E731
    for workload in workloads:
        curve = [middle(runs)[::-1] for (of, _), runs in own.items() if of == workload]
        for peer in peers:
            speed, error = middle(other[workload, peer])
            here = at_error(curve, error)
            print(f"| {workload} | {peer} | {speed:,.0f} | {error:.1e} | {here:,.0f} | {here / speed:.1f} |")


if __name__ == "__main__":
    main()
