#!/usr/bin/env python3
"""Times statistics beside statsmodels, lifelines and R, in one run: see ../README.md.

    python3 benches/statistics/compare.py [--rounds 3]

Makes a virtual environment with statsmodels and lifelines below `target/`, and the data there; R takes part where it
is installed (`apt-get install r-base-core r-cran-survival r-cran-nlme`). Every program gets the same columns and
times itself from columns to result, on one thread, by the time of its processor. Every round runs every program once;
the median counts. A program that takes longer than the limit is left out of its task.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "statistics-python"
PYTHON = VENV / "bin" / "python"
DATA = TARGET / "statistics-data"
LIMIT = 600
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
TASKS = {
    "mmrm": "MMRM, 1,000 participants, 6 visits",
    "mmrm, Kenward-Roger": "the same with Kenward and Roger's errors",
    "cox": "Cox, 100,000, 3 covariates",
    "log-rank": "log-rank, 1,000,000",
    "ancova": "ANCOVA, 1,000,000, 3 arms, 10 sites",
}
PROGRAMS = ["proband", "R", "lifelines", "statsmodels"]
PYTHON_TASKS = {"lifelines": ["cox", "log-rank"], "statsmodels": ["cox", "log-rank", "ancova"]}


def call(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, **more)


def prepare():
    call("cargo", "build", "--release", "-p", "proband-benches", "--bin", "statistics", cwd=ROOT)
    if not PYTHON.exists():
        call(sys.executable, "-m", "venv", VENV)
    call(PYTHON, "-m", "pip", "install", "--quiet", "statsmodels", "lifelines")
    DATA.mkdir(parents=True, exist_ok=True)
    call(PYTHON, HERE / "peers.py", "make", DATA)


def commands():
    """Program, task or none for all of them, command."""
    yield "proband", [TARGET / "release" / "statistics", DATA]
    if shutil.which("Rscript"):
        for task in ("mmrm", "cox", "log-rank", "ancova"):
            yield "R", ["Rscript", HERE / "peers.R", DATA, task]
    for program, tasks in PYTHON_TASKS.items():
        for task in tasks:
            yield program, [PYTHON, HERE / "peers.py", DATA, program, task]


def run(rounds):
    """Seconds, estimates and errors, by task and program."""
    found, slow = {}, set()
    for _ in range(rounds):
        for program, command in commands():
            key = tuple(map(str, command))
            if key in slow:
                continue
            try:
                done = call(*command, stdout=subprocess.PIPE, text=True, timeout=LIMIT, env=os.environ | ONE_THREAD)
            except subprocess.TimeoutExpired:
                print(f"left out after {LIMIT} s: {' '.join(key)}", file=sys.stderr)
                slow.add(key)
                continue
            for line in done.stdout.splitlines():
                task, *numbers = line.split("\t")
                found.setdefault((task, program), []).append([float(number) for number in numbers])
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=3)
    rounds = arguments.parse_args().rounds
    prepare()
    found = run(rounds)
    print("| seconds |" + "".join(f" {program} |" for program in PROGRAMS))
    print("|---|" + "---|" * len(PROGRAMS))
    for task, words in TASKS.items():
        cells = [found.get((task, program)) for program in PROGRAMS]
        shown = [f"{median(run[0] for run in cell):.3g}" if cell else "-" for cell in cells]
        print(f"| {words} | " + " | ".join(shown) + " |")
    print("\nEstimate and standard error, or the statistic over its own:")
    for (task, program), runs in found.items():
        _, estimate, error = runs[0]
        print(f"  {task}, {program}: {estimate:.8f} {error:.8f}  z {estimate / error:.6f}")


if __name__ == "__main__":
    main()
