#!/usr/bin/env python3
"""Makes W4n.csv: the reference of W4 with saturable hepatic clearance for the first eight patients.

Needs scipy. DOP853 with rtol 1e-13 and atol 1e-16, restarted at every output time and never interpolated; the
greatest relative difference to Radau with rtol 1e-11 is printed.
"""

import csv
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

HERE = Path(__file__).parent
ORGANS = "adipose bone brain gut heart kidney liver lung muscle pancreas skin spleen stomach gonads rest".split()
V = dict(zip(ORGANS, [14.5, 10.5, 1.45, 1.02, 0.33, 0.31, 1.80, 0.53, 29, 0.14, 3.3, 0.15, 0.15, 0.035, 2]))
Q = dict(zip(ORGANS, [19.5, 19.5, 46.8, 58.5, 15.6, 74.1, 25.35, 390, 66.3, 3.9, 19.5, 11.7, 3.9, 0.195, 25.155]))
KP = dict(zip(ORGANS, [4, 0.9, 1.6, 1.4, 1.2, 2, 3.5, 1.3, 1.1, 1.5, 1.8, 1.4, 1.3, 1.2, 1]))
AT = {organ: 1 + place for place, organ in enumerate(ORGANS)}
ARTERIES, VEINS = 16, 17
SPLANCHNIC = ["gut", "pancreas", "spleen", "stomach"]
SYSTEMIC = [organ for organ in ORGANS if organ not in SPLANCHNIC + ["liver", "lung"]]
BP, FUP, FA, KM = 0.9, 0.2, 0.95, 0.05


def rates(patient):
    size = patient["BW"] / 70
    flow = size**0.75
    v = {organ: V[organ] * size for organ in ORGANS}
    q = {organ: Q[organ] * flow for organ in ORGANS}
    co, ka = 390 * flow, patient["ka"]
    hepatic = q["liver"] + sum(q[organ] for organ in SPLANCHNIC)
    vmax = patient["CLint"] * KM

    def f(_, y):
        c = {organ: y[AT[organ]] / v[organ] for organ in ORGANS}
        cv = {organ: c[organ] * BP / KP[organ] for organ in ORGANS}
        arterial, venous = y[ARTERIES] / (1.8 * size), y[VEINS] / (3.9 * size)
        dy = np.zeros(18)
        dy[0] = -ka * y[0]
        for organ in ORGANS:
            dy[AT[organ]] = q[organ] * (arterial - cv[organ])
        dy[AT["gut"]] += ka * FA * y[0]
        dy[AT["kidney"]] -= patient["CLr"] * c["kidney"] / KP["kidney"]
        unbound = FUP * c["liver"] / KP["liver"]
        drained = sum(q[organ] * cv[organ] for organ in SPLANCHNIC)
        dy[AT["liver"]] = (
            q["liver"] * arterial + drained - hepatic * cv["liver"] - vmax * unbound / (KM + unbound)
        )
        dy[AT["lung"]] = co * (venous - cv["lung"])
        dy[ARTERIES] = co * (cv["lung"] - arterial)
        dy[VEINS] = sum(q[organ] * cv[organ] for organ in SYSTEMIC) + hepatic * cv["liver"] - co * venous
        return dy

    return f


def outputs(patient, y):
    size = patient["BW"] / 70
    organs = ["liver", "brain", "muscle", "adipose"]
    return [y[VEINS] / (3.9 * size) / BP] + [y[AT[organ]] / (V[organ] * size) for organ in organs]


def solve(patient, method, **tolerances):
    f, y = rates(patient), np.zeros(18)
    y[0] = 100.0
    rows = [outputs(patient, y)]
    for hour in range(48):
        y = solve_ivp(f, (hour, hour + 1), y, method=method, **tolerances).y[:, -1]
        rows.append(outputs(patient, y))
    return np.array(rows)


def main():
    with open(HERE / "W4-population.csv") as file:
        people = [{name: float(x) for name, x in row.items()} for row in csv.DictReader(file)][:8]
    names = list(people[0])
    worst = 0.0
    with open(HERE / "W4n.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names + "time cp Cliver Cbrain Cmuscle Cadipose".split())
        for person in people:
            rows = solve(person, "DOP853", rtol=1e-13, atol=1e-16)
            again = solve(person, "Radau", rtol=1e-11, atol=1e-15)
            floor = np.maximum(np.abs(rows), 1e-3 * np.abs(rows).max(axis=0))
            worst = max(worst, (np.abs(again - rows) / floor).max())
            for hour, row in enumerate(rows):
                known = [int(person["patient"])] + [person[name] for name in names[1:]]
                writer.writerow(known + [hour] + [float(x) for x in row])
    print(f"greatest relative difference to Radau: {worst:.1e}")


if __name__ == "__main__":
    main()
