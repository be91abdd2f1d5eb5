"""Docetaxel neutropenia (Kloft 2006 on Ozawa 2007's kinetics), independently of proband.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    cd tests/validation/independent && path/to/venv/bin/python docetaxel_neutropenia.py

The kinetics are sums of three exponentials; the cells (of those that proliferate the logarithm) are
integrated by the classical Runge-Kutta method with fixed steps. Population, screening and visits are those
of trials/docetaxel-neutropenia.toml, and the same people take part in every arm. Takes a minute or two;
writes docetaxel-neutropenia.csv.
"""

import numpy as np
from scipy.stats import lognorm, norm

from population import Results, choice, uniform_within

DRAWN = 12_000
ARMS = {"d60": 60.0, "d75": 75.0, "d100": 100.0}  # mg/m2
CYCLE, WEEK, CYCLES, END = 504.0, 168.0, 6, 156 * 24.0  # h
# Steps after a dose: fine while it acts, coarse afterwards.
STEPS = np.concatenate([np.full(60, 0.05), np.full(30, 0.1), np.full(168, 0.25), np.full(456, 1.0)])
FEBRILE = 0.008 / 24  # 1/h, below 0.5


def people(g):
    female = g.random(DRAWN) < 0.85
    width = g.random(DRAWN)
    aag = lognorm(s=np.sqrt(np.log1p(0.35**2)), scale=1.34)
    return {
        "female": female,
        "bsa": np.where(
            female,
            uniform_within(norm(1.75, 0.18), width, 1.2, 2.6),
            uniform_within(norm(1.95, 0.18), width, 1.2, 2.6),
        ),
        "ecog": choice(g, DRAWN, {"0": 0.5, "1": 0.4, "2": 0.1}),
        "prior": g.random(DRAWN) < 0.6,
        "aag": uniform_within(aag, g.random(DRAWN), 0.3, 4),
    }


def parameters(g, p):
    aag = p["aag"] - 1.34
    base = 5.21965 * np.where(p["female"], 1 - 0.121451, 1) * np.where(p["ecog"] != "0", 1.130406, 1)
    base = base * np.where(p["prior"], 1 - 0.146837, 1)
    base = base * (1 + np.where(aag <= 0, 0.174677, 0.494618) * aag)
    deviate = lambda variance: np.exp(g.normal(0, np.sqrt(variance), DRAWN))
    return {
        "base": base * deviate(0.0639703),
        "ktr": 4 / (84.1791 * deviate(0.0191785)),
        "slope": 15.5711 * (1 - 0.350693 * aag) * deviate(0.128412),
        "cl": 35.7 * deviate(np.log1p(0.399**2)),
        "v1": 6.94 * deviate(np.log1p(0.264**2)),
    }


def kinetics(q):
    """Rates and weights of the unit response of the central compartment."""
    cl, v1 = q["cl"], q["v1"]
    q2, v2, q3, v3 = 5.58, 7.39, 12.5, 225.0
    matrix = np.zeros((len(cl), 3, 3))
    matrix[:, 0, 0] = -(cl + q2 + q3) / v1
    matrix[:, 0, 1], matrix[:, 0, 2] = q2 / v2, q3 / v3
    matrix[:, 1, 0], matrix[:, 1, 1] = q2 / v1, -q2 / v2
    matrix[:, 2, 0], matrix[:, 2, 2] = q3 / v1, -q3 / v3
    values, vectors = np.linalg.eig(matrix)
    unit = np.zeros((len(cl), 3, 1))
    unit[:, 0, 0] = 1
    weights = vectors[:, 0, :] * np.linalg.solve(vectors, unit)[:, :, 0]
    return -values.real.T, weights.real.T


def concentration(q, rates, weights, dose, t):
    """umol/L at t hours after the start of a one-hour infusion, by superposition."""
    during = min(t, 1.0)
    sums = weights / rates * (np.exp(-rates * (t - during)) - np.exp(-rates * t))
    return 1000 * dose * sums.sum(axis=0) / q["v1"] / 807.9


def slopes(q, y, conc):
    log_prol, t1, t2, t3, circ = y
    grow = (1 - q["slope"] * conc) * (q["base"] / circ) ** 0.144543 - 1
    return q["ktr"] * np.stack([grow, np.exp(log_prol) - t1, t1 - t2, t2 - t3, t3 - circ])


def advance(q, y, c0, c1, c2, h):
    k1 = slopes(q, y, c0)
    k2 = slopes(q, y + h / 2 * k1, c1)
    k3 = slopes(q, y + h / 2 * k2, c1)
    k4 = slopes(q, y + h * k3, c2)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def grid():
    """Times of the whole course, with the cycle of each step."""
    for cycle in range(CYCLES):
        t = 0.0
        for h in STEPS:
            yield cycle, t, h
            t += h
    yield from ((CYCLES - 1, CYCLE + t, 1.0) for t in np.arange(0.0, END - CYCLES * CYCLE))


def course(q, dose, visits):
    """True values at the visits, lowest value of cycle 1, hours below 0.5."""
    rates, weights = kinetics(q)
    y = np.stack([np.log(q["base"]), *[q["base"]] * 4])
    lowest, below = q["base"].copy(), np.zeros(len(dose))
    at_visits = np.full(visits.shape, np.nan)
    conc = lambda t: concentration(q, rates, weights, dose, t)
    end = conc(0.0)
    for cycle, t, h in grid():
        before, now = y[4], cycle * CYCLE + t
        start, end = conc(0.0) if t == 0 else end, conc(t + h)
        y = advance(q, y, start, conc(t + h / 2), end, h)
        if now < CYCLE:
            lowest = np.minimum(lowest, y[4])
        below += h * ((before < 0.5) & (y[4] < 0.5)) + h / 2 * ((before < 0.5) ^ (y[4] < 0.5))
        inside = (visits > now) & (visits <= now + h)
        for week in np.nonzero(inside.any(axis=1))[0]:
            who = inside[week]
            share = (visits[week, who] - now) / h
            at_visits[week, who] = before[who] + share * (y[4, who] - before[who])
    return at_visits, lowest, below


def main():
    g, results = np.random.default_rng(20262), Results("docetaxel-neutropenia")
    p = people(g)
    q = parameters(g, p)
    error = lambda shape: np.exp(g.normal(0, 0.424093, shape))
    fits = q["base"] * error(DRAWN) >= 1.5
    p, q = ({k: v[fits] for k, v in of.items()} for of in (p, q))
    weeks = np.arange(1, 19)[:, None] * WEEK
    visits = weeks + 24 * (2 * g.random((18, fits.sum())) - 1)
    for arm, amount in ARMS.items():
        true, lowest, below = course(q, amount * p["bsa"], visits)
        anc = true * error(true.shape)
        at_start = q["base"] * error(len(lowest))
        nadir = np.minimum(at_start, anc[:3].min(axis=0))
        results.percent("grade 4 in cycle 1, true", arm, lowest < 0.5)
        results.percent("grade 3 or 4 in cycle 1, true", arm, lowest < 1.0)
        results.percent("grade 4 in cycle 1, seen", arm, nadir < 0.5)
        results.mean("lowest count seen in cycle 1", arm, nadir)
        results.percent("grade 3 or 4 in six cycles, seen", arm, anc.min(axis=0) < 1.0)
        results.mean("febrile neutropenia", arm, 100 * (1 - np.exp(-FEBRILE * below)))
        grade_4 = anc.min(axis=0) < 0.5
        results.percent("grade 4 in six cycles, seen", arm, grade_4)
        assert np.isfinite(anc).all() and np.isfinite(below).all()
    results.write()


main()
