"""Reference tables of examples that nobody else has integrated: scipy at 1e-12, restarted at every dose.

Typical twins; the equations are typed from the papers, not taken from the model files.
"""

import csv
import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq


def write(name, head, rows):
    with open(f"{name}.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([[repr(float(x)) for x in row] for row in rows])


def path(rates, y, times, stops, give):
    """States at `times`; at each stop `give(k, y)` changes them. A time that is a stop is seen before it."""
    y, t, at, rows = np.array(y, float), 0.0, 0, []
    for next_t in sorted(set(times) | set(stops)):
        if next_t > t:
            s = solve_ivp(rates, (t, next_t), y, method="LSODA", rtol=1e-12, atol=1e-14)
            y, t = s.y[:, -1], next_t
        if next_t in times:
            rows.append((next_t, y.copy()))
        if at < len(stops) and stops[at] == next_t:
            y = give(at, y)
            at += 1
    return rows


def docetaxel_neutropenia():
    """Kloft 2006, a man without previous chemotherapy; PK of Ozawa 2007; 135 mg over 1 h every three weeks."""
    cl, v1, q2, v2, q3, v3 = 35.7, 6.94, 5.58, 7.39, 12.5, 225
    base, mtt, slope, gamma, mw = 5.21965, 84.1791, 15.5711, 0.144543, 807.9
    k, flow = 4 / mtt, [0.0]

    def rates(t, y):
        a1, a2, a3, prol, t1, t2, t3, circ = y
        effect = slope * a1 / v1 * 1000 / mw  # mg/L to umol/L
        return [
            flow[0] - (cl + q2 + q3) / v1 * a1 + q2 / v2 * a2 + q3 / v3 * a3,
            q2 / v1 * a1 - q2 / v2 * a2,
            q3 / v1 * a1 - q3 / v3 * a3,
            k * prol * ((1 - effect) * (base / circ) ** gamma - 1),
            k * (prol - t1),
            k * (t1 - t2),
            k * (t2 - t3),
            k * (t3 - circ),
        ]

    def give(stop, y):
        flow[0] = 135.0 if stop % 2 == 0 else 0.0
        return y

    times = [12.0 * i for i in range(85)]
    rows = path(rates, [0, 0, 0] + [base] * 5, times, [0.0, 1.0, 504.0, 505.0], give)
    write("docetaxel-neutropenia", ["hour", "anc"], [(t, y[7]) for t, y in rows])


def pressure():
    """10 mg every day for eight weeks."""

    def rates(t, y):
        return [-0.03 * y[0], 0.005 * (14 * y[0] / (8 + y[0]) - y[1])]

    times = [12.0 * i for i in range(113)]
    stops = [24.0 * i for i in range(56)]
    rows = path(rates, [0, 0], times, stops, lambda _, y: y + [10, 0])
    write("pressure", ["hour", "sbp"], [(t, 150 - y[1]) for t, y in rows])


def tirzepatide():
    """Chigutsa 2025 under the titration of SURMOUNT-1: a step of 2.5 mg every four weeks. Hours."""
    columns, times = [], [672.0 * i for i in range(19)]
    for woman in (0, 1):
        ffm0 = 73.5 * (1 - 0.312 * woman)
        fat0 = 45.0 * (1 + 0.0539 * woman)
        imax = 0.144 * (1 + 1.78 * woman), 0.319 * (1 + 0.809 * woman)
        ic50 = 1760 * (1 + 1.14 * woman), 518 * (1 + 2.05 * woman)
        size_cl, size_v = ((ffm0 + fat0) / 70) ** 0.8, (ffm0 + 0.482 * fat0) / 70
        cl, q, vc, vp, ka = 0.0329 * size_cl, 0.126 * size_cl, 2.47 * size_v, 3.98 * size_v, 0.0373

        def rates(t, y):
            conc = y[1] / vc * 1000  # mg/L to ng/mL
            waning = np.exp(-np.log(2) / 40.3 * t / 168)
            ffm = min(1, 0.0658 * waning + imax[0] * conc / (conc + ic50[0]))
            fat = min(1, 0.213 * waning + imax[1] * conc / (conc + ic50[1]))
            return [
                -ka * y[0],
                ka * y[0] - (cl + q) / vc * y[1] + q / vp * y[2],
                q / vc * y[1] - q / vp * y[2],
                0.0314 / 168 * (ffm0 * (1 - ffm) - y[3]),
                0.0314 / 168 * (fat0 * (1 - fat) - y[4]),
            ]

        for top in (5, 10, 15):
            give = lambda week, y: y + [0.8 * min(2.5 * (1 + week // 4), top), 0, 0, 0, 0]
            rows = path(rates, [0, 0, 0, ffm0, fat0], times, [168.0 * w for w in range(72)], give)
            columns.append([y[3] + y[4] for _, y in rows])
    head = ["hour"] + [f"{sex}_{dose}" for sex in "MF" for dose in (5, 10, 15)]
    write("tirzepatide-obesity", head, np.array([times] + columns).T)


def epileptor_network():
    """Ten regions on a ring, Ks -0.5: when x1 first passes zero, and z at 1000; Runge-Kutta, steps of 0.01."""
    i = np.arange(10)
    ring = np.minimum(abs(i[:, None] - i), 10 - abs(i[:, None] - i))
    w = np.exp(-ring / 1.5) / np.exp(-1 / 1.5)
    np.fill_diagonal(w, 0)
    x0, loss, dt = np.where(i < 2, -1.6, -2.15), w.sum(1), 0.01

    def f(y):
        x1, y1, z, x2, y2, g = y
        f1 = np.where(x1 < 0, x1**3 - 3 * x1**2, (x2 - 0.6 * (z - 4) ** 2) * x1)
        pull = -0.5 * (w @ x1 - loss * x1)
        return np.array([
            y1 - f1 - z + 3.1,
            1 - 5 * x1**2 - y1,
            0.00035 * (4 * (x1 - x0) - z - np.where(z < 0, 0.1 * z**7, 0) + pull),
            -y2 + x2 - x2**3 + 0.45 + 2 * g - 0.3 * (z - 3.5),
            (-y2 + np.where(x2 < -0.25, 0, 6 * (x2 + 0.25))) / 10,
            -0.01 * (g - 0.1 * x1),
        ])

    y = np.repeat(np.array([[-1.6, -12, 3.5, -1, 0, 0]], float), 10, axis=0).T
    onset, z = np.full(10, np.nan), None
    for k in range(150_000):
        a = f(y)
        b = f(y + dt / 2 * a)
        c = f(y + dt / 2 * b)
        new = y + dt / 6 * (a + 2 * b + 2 * c + f(y + dt * c))
        for node in np.nonzero(np.isnan(onset) & (new[0] > 0))[0]:
            onset[node] = dt * (k + y[0, node] / (y[0, node] - new[0, node]))
        y = new
        if k + 1 == 100_000:
            z = y[2].copy()
    write("epileptor-network", ["node", "onset", "z_at_1000"], np.array([i + 1, onset, z]).T)


def gi_nausea():
    """The chain day by day with everything typical and 100 nmol/L throughout: shares of all who began that are
    followed on a day, at each grade, and while vomiting; and that have been nauseous. Seen before the day's
    draw, which moves the grade that the day before left. Within a day rates are constant, so that vomiting
    (on with the grade's rate, off at 4 a day) and stopping have closed forms."""
    conc, emax, ec50, kt = 100.0, 3.0, 20.0, 0.04
    logits = np.array([[-6.59, -8.39], [0.311, -6.389], [-0.563, -1.247]])
    start, end, stop = np.array([0.0005, 0.01, 0.2]), 4.0, np.array([0.0002, 0.002, 0.02])
    share = np.zeros((3, 2))  # grade, vomiting
    share[0, 0], never, nauseous = 1.0, 1.0, 0.0
    rows = [(0, *share.sum(1), 0.0, 0.0)]
    for day in range(1, 57):
        # The day's course: vomiting relaxes to its steady share, those who stop leave.
        total, rate = share.sum(1), start + end
        rest = total * start / rate
        on = rest + (share[:, 1] - rest) * np.exp(-rate)
        share = np.stack([total - on, on], axis=1) * np.exp(-stop)[:, None]
        never *= np.exp(-stop[0])
        rows.append((day, *share.sum(1), share[:, 1].sum(), nauseous))
        # The draw.
        felt = conc * np.exp(-kt * day)
        above = 1 / (1 + np.exp(-(logits + emax * felt / (ec50 + felt))))
        move = np.stack([1 - above[:, 0], above[:, 0] - above[:, 1], above[:, 1]], axis=1)
        nauseous += never * (1 - move[0, 0])
        never *= move[0, 0]
        share = move.T @ share
    write("gi-nausea", ["day", "none", "mild", "severe", "vomiting", "nauseous"], rows)


def claret_dropout():
    """The cumulative hazard of leaving in Claret 2014 for the typical twin, whose size is in closed form and
    whose smallest size is noted every six weeks; and when progression is seen."""
    def size(t):
        return 90 * np.exp(0.00107 * t - 0.0103 / 0.0193 * (1 - np.exp(-0.0193 * t)))

    total, nadir, rows, seen = 0.0, size(0.0), [(0.0, 0.0)], []
    for block in range(14):
        begin, end = 42.0 * block, 42.0 * (block + 1)
        nadir = min(nadir, size(begin))
        grown = lambda t: min(size(t) - 1.2 * nadir, size(t) - nadir - 5)
        if grown(begin) <= 0 < grown(end):
            seen.append(brentq(grown, begin, end, xtol=1e-13, rtol=1e-15))
        for t in np.arange(begin, end, 7.0):
            rate = lambda t: 0.0005 * np.exp(3 * (size(t) / nadir - 1))
            total += quad(rate, t, t + 7.0, epsabs=1e-14, epsrel=1e-13)[0]
            rows.append((t + 7.0, total))
    assert len(seen) == 1
    print(f"claret: progression on day {seen[0]!r}")
    write("claret-dropout", ["day", "hazard"], rows)


if __name__ == "__main__":
    gi_nausea()
    claret_dropout()
    docetaxel_neutropenia()
    pressure()
    tirzepatide()
    epileptor_network()
