#!/usr/bin/env python3
"""Counts the instructions that a patient of each workload takes, and compares them with `instructions.tsv`.

    python3 benches/instructions.py            fails where a count is more than a hundredth above the one on record
    python3 benches/instructions.py --record   writes the counts down

The machine's noise does not reach a count. Needs valgrind; it knows no AVX-512, so what counts is AVX2. The count of
one patient is the difference between many and few, which leaves out everything that happens once.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RECORD = HERE / "instructions.tsv"
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "workloads"
CASES = [("W1", "tsit5"), ("W1", "rodas5p"), ("W2", "tsit5"), ("W3", "rodas5p"), ("W4", "rodas5p"), ("W4n", "rodas5p")]
FEW, MANY = 32, 128
ALLOWED = 1.01


def count(workload, method, patients):
    words = ["--workload", workload, "--method", method, "--backend", "avx2", "--step", "whole", "--patients", patients, "--rounds", 1]
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM, *words]
    run = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def measure():
    counts = {}
    for workload, method in CASES:
        more = count(workload, method, MANY) - count(workload, method, FEW)
        counts[workload, method] = more // (MANY - FEW)
    return counts


def read():
    rows = [line.split("\t") for line in RECORD.read_text().splitlines()[1:]]
    return {(workload, method): int(known) for workload, method, known in rows}


def write(counts):
    lines = [f"{workload}\t{method}\t{number}" for (workload, method), number in counts.items()]
    RECORD.write_text("\n".join(["workload\tmethod\tinstructions per patient", *lines]) + "\n")


def main():
    subprocess.run(["cargo", "build", "--release", "-p", "proband-benches"], cwd=ROOT, check=True)
    counts = measure()
    if "--record" in sys.argv:
        return write(counts)
    known, worse = read(), False
    for case, number in counts.items():
        ratio = number / known[case]
        worse |= ratio > ALLOWED
        print(*case, f"{number:,}", f"{ratio:.3f} of the record", sep="\t")
    sys.exit(worse)


if __name__ == "__main__":
    main()
