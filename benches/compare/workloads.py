"""The workloads as the Python peers take them: patients, stretches between events, right-hand sides, outputs.

Right-hand sides are written with plain arithmetic on indexable arguments, so that numba compiles and JAX traces
the same source.
"""

import csv
from pathlib import Path

import numpy as np

BENCHES = Path(__file__).resolve().parent.parent
REFERENCES = BENCHES.parent / "crates" / "proband-ode" / "tests" / "data"

ORGANS = "adipose bone brain gut heart kidney liver lung muscle pancreas skin spleen stomach gonads rest".split()
V = [14.5, 10.5, 1.45, 1.02, 0.33, 0.31, 1.80, 0.53, 29, 0.14, 3.3, 0.15, 0.15, 0.035, 2]
Q = [19.5, 19.5, 46.8, 58.5, 15.6, 74.1, 25.35, 390, 66.3, 3.9, 19.5, 11.7, 3.9, 0.195, 25.155]
KP = [4, 0.9, 1.6, 1.4, 1.2, 2, 3.5, 1.3, 1.1, 1.5, 1.8, 1.4, 1.3, 1.2, 1]
GUT, KIDNEY, LIVER, LUNG = 3, 5, 6, 7
SPLANCHNIC = (3, 9, 11, 12)
SYSTEMIC = (0, 1, 2, 4, 5, 8, 10, 13, 14)
BP, FUP, FA, KM = 0.9, 0.2, 0.95, 0.05


def read(path):
    with open(path) as file:
        return [{name: float(x) for name, x in row.items()} for row in csv.DictReader(file)]


class Workload:
    """`parameters` makes the row that `rhs` and `outputs` read of a patient; its last entry is the infusion's rate.

    A stretch is (from, to, bolus at its start, rate, output times after its start up to its end).
    """

    def __init__(self, name, states, dosed, parameters, start, rhs, outputs, stretches, times, population):
        self.name, self.states, self.dosed = name, states, dosed
        self.start, self.rhs, self.outputs = start, rhs, outputs
        self.stretches, self.times = stretches, times
        self.people = read(BENCHES / "data" / f"{population}-population.csv")
        self.parameters = np.array([[*parameters(person), 0.0] for person in self.people])

    def error(self, found):
        """The error of outputs by patient, time and output; see the README."""
        folder = BENCHES / "data" if self.name == "W4n" else REFERENCES
        rows = read(folder / f"{self.name}.csv")
        width = found.shape[2]
        reference = np.array([list(row.values())[-width:] for row in rows]).reshape(-1, len(self.times), width)
        found = found[: len(reference)]
        floor = np.maximum(np.abs(reference), 1e-3 * np.abs(reference).max(axis=1, keepdims=True))
        error = np.abs(found - reference) / floor
        return float(np.nan_to_num(error, nan=np.inf).max())


def w1_rhs(t, y, p):
    depot, a1, a2 = y[0], y[1], y[2]
    absorbed, over, back = p[0] * depot, p[2] * a1, p[3] * a2
    return (-absorbed, absorbed - p[1] * a1 - over + back, over - back)


def w2_rhs(t, y, p):
    depot, a1, a2, r = y[0], y[1], y[2], y[3]
    absorbed, over, back = p[0] * depot, p[2] * a1, p[3] * a2
    cp = a1 / p[4]
    made = p[7] * (1.0 - p[5] * cp / (p[6] + cp))
    return (-absorbed, absorbed - p[1] * a1 - over + back, over - back, made - p[8] * r)


def w3_rhs(t, y, p):
    a1, a2, prol, t1, t2, t3, circ = y[0], y[1], y[2], y[3], y[4], y[5], y[6]
    over, back, ktr = p[1] * a1, p[2] * a2, p[5]
    drug = p[6] * a1 / p[3]
    return (
        p[8] - p[0] * a1 - over + back,
        over - back,
        ktr * prol * ((1.0 - drug) * (p[4] / circ) ** p[7] - 1.0),
        ktr * (prol - t1),
        ktr * (t1 - t2),
        ktr * (t2 - t3),
        ktr * (t3 - circ),
    )


def w4(saturable):
    def rhs(t, y, p):
        # p: outflow rate constant of each organ (15), inflow (15), then what stands below.
        ka, out, into = p[30], p[31], p[32]
        renal, hepatic, km, from_lung, total = p[33], p[34], p[35], p[36], p[37]
        arterial, venous = y[16] * out, y[17] * into
        leaves = (
            p[0] * y[1], p[1] * y[2], p[2] * y[3], p[3] * y[4], p[4] * y[5], p[5] * y[6], p[6] * y[7], p[7] * y[8],
            p[8] * y[9], p[9] * y[10], p[10] * y[11], p[11] * y[12], p[12] * y[13], p[13] * y[14], p[14] * y[15],
        )
        portal = leaves[3] + leaves[9] + leaves[11] + leaves[12]
        veins = (
            leaves[0] + leaves[1] + leaves[2] + leaves[4] + leaves[5] + leaves[8] + leaves[10] + leaves[13] + leaves[14]
        )
        if saturable:
            cleared = hepatic * y[7] / (km + y[7])
        else:
            cleared = hepatic / km * y[7]
        return (
            -ka * y[0],
            p[15] * arterial - leaves[0],
            p[16] * arterial - leaves[1],
            p[17] * arterial - leaves[2],
            p[18] * arterial - leaves[3] + 0.95 * ka * y[0],
            p[19] * arterial - leaves[4],
            p[20] * arterial - leaves[5] - renal * y[6],
            p[21] * arterial + portal - leaves[6] - cleared,
            total * venous - leaves[7],
            p[23] * arterial - leaves[8],
            p[24] * arterial - leaves[9],
            p[25] * arterial - leaves[10],
            p[26] * arterial - leaves[11],
            p[27] * arterial - leaves[12],
            p[28] * arterial - leaves[13],
            p[29] * arterial - leaves[14],
            leaves[7] - total * arterial,
            veins + leaves[6] - total * venous,
        )

    return rhs


def w4_parameters(person):
    size = person["BW"] / 70
    flow = size**0.75
    v, q = np.array(V) * size, np.array(Q) * flow
    hepatic = q[LIVER] + sum(q[organ] for organ in SPLANCHNIC)
    through = q.copy()
    through[LIVER] = hepatic
    out = through * BP / np.array(KP) / v
    renal = person["CLr"] / KP[KIDNEY] / v[KIDNEY]
    # An amount in the liver times this is the unbound concentration.
    unbound = FUP / KP[LIVER] / v[LIVER]
    vmax, km = person["CLint"] * KM, KM / unbound
    return [
        *out, *q, person["ka"], 1 / (1.8 * size), 1 / (3.9 * size), renal, vmax, km, out[LUNG], q[LUNG],
        v[LIVER], v[2], v[8], v[0], 3.9 * size * BP,
    ]


def w4_outputs(y, p):
    return (y[17] / p[42], y[7] / p[38], y[3] / p[39], y[9] / p[40], y[1] / p[41])


def months(amount):
    times = np.arange(0, 673, 6.0)
    return [(24.0 * k, 24.0 * k + 24, amount, 0.0, 24.0 * k + np.arange(6, 25, 6.0)) for k in range(28)], times


def cycles():
    times, stretches = np.arange(0, 2017, 24.0), []
    for start in range(0, 2016, 504):
        stretches.append((start, start + 1.0, 0.0, 180.0, np.array([])))
        stretches.append((start + 1.0, start + 504.0, 0.0, 0.0, start + np.arange(24, 505, 24.0)))
    return stretches, times


def once():
    times = np.arange(0, 49.0)
    return [(0.0, 48.0, 100.0, 0.0, times[1:])], times


def load(name):
    two = lambda p: [p["CL"] / p["V1"], p["Q"] / p["V1"], p["Q"] / p["V2"], p["V1"]]  # noqa: E731
    if name == "W1":
        return Workload(
            name, 3, 0, lambda p: [p["ka"], *two(p)], lambda p: (0.0, 0.0, 0.0), w1_rhs,
            lambda y, p: (y[1] / p[4],), *months(100.0), "W1",
        )
    if name == "W2":
        return Workload(
            name, 4, 0, lambda p: [p["ka"], *two(p), p["Imax"], p["IC50"], p["kin"], p["kout"]],
            lambda p: (0.0, 0.0, 0.0, p[7] / p[8]), w2_rhs, lambda y, p: (y[1] / p[4], y[3]), *months(100.0), "W2",
        )
    if name == "W3":
        return Workload(
            name, 7, 0, lambda p: [*two(p), p["Circ0"], 4 / p["MTT"], p["Slope"], p["gamma"]],
            lambda p: (0.0, 0.0, p[4], p[4], p[4], p[4], p[4]), w3_rhs, lambda y, p: (y[0] / p[3], y[6]), *cycles(),
            "W3",
        )
    return Workload(
        name, 18, 0, w4_parameters, lambda p: (0.0,) * 18, w4(name == "W4n"), w4_outputs, *once(), "W4",
    )
