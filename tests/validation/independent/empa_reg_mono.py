"""EMPA-REG MONO from the equations of Baron 2016, independently of proband.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    cd tests/validation/independent && path/to/venv/bin/python empa_reg_mono.py

Exposure is constant while the drug is taken, so that glucose and HbA1c have closed forms. Population,
screening, visits and what is missing are those of trials/empa-reg-mono.toml. Writes empa-reg-mono.csv.
"""

import numpy as np
from scipy.stats import lognorm, norm

from population import Results, choice, correlated, lognormal_of_mean, uniform_within

DRAWN = 1_500_000
ARMS = {"placebo": 0.0, "empa_10": 10.0, "empa_25": 25.0}  # mg a day
DAY = 24.0  # h
KOUT_FPG, LIMIT, RATIO = 0.0407, 3.99, 0.466
PAIRS = [("age", "egfr", -0.45), ("bmi", "fpg_seen", 0.15)]


def lognormal(mean, sd):
    log_mean, log_sd = lognormal_of_mean(mean, sd)
    return lognorm(s=log_sd, scale=np.exp(log_mean))


def people(g):
    u = correlated(g, DRAWN, PAIRS, ["age", "bmi", "egfr", "fpg_seen"])
    duration = lognorm(s=np.sqrt(np.log1p(0.8**2)), scale=2)
    return {
        "age": uniform_within(norm(55, 11), u["age"], 18, 85),
        "bmi": uniform_within(lognormal(28.4, 5.5), u["bmi"], 18, 45),
        "egfr": uniform_within(norm(88, 18), u["egfr"], 30, 150),
        "fpg_seen": uniform_within(lognormal(8.5, 1.7), u["fpg_seen"], 5, 16),
        "duration": uniform_within(duration, g.random(DRAWN), 0, 30),
        "female": g.random(DRAWN) < 0.39,
        "race": choice(g, DRAWN, {"Asian": 0.64, "White": 0.34, "Black": 0.02}),
        "smoking": choice(g, DRAWN, {"never": 0.6, "ex": 0.2, "current": 0.2}),
        "deviates": {
            name: g.normal(0, np.sqrt(variance), DRAWN)
            for name, variance in {"cl": 0.142, "bfpg": 0.0165, "gmax": 0.237, "kout": 0.0242}.items()
        },
    }


def by(values, factors):
    """A factor by level; 1 for levels that are not named."""
    return np.select([values == level for level in factors], list(factors.values()), 1.0)


def parameters(p):
    """Clearance L/h, glucose at the start mmol/L, Gmax, turnover of HbA1c 1/h."""
    age, bmi, egfr, duration = p["age"] / 50, p["bmi"] / 25, p["egfr"] / 100, p["duration"] / 2
    female, race, eta = p["female"], p["race"], p["deviates"]
    cl = 10.6 * age**-0.241 * bmi**0.320 * egfr**0.333 * np.where(female, 0.886, 1)
    cl = cl * by(race, {"Asian": 0.880}) * by(p["smoking"], {"ex": 1.02, "current": 1.06})
    bfpg = 14.2 * np.exp(-0.497 * 8 / p["fpg_seen"]) * age**-0.100 * bmi**0.0248
    bfpg = bfpg * egfr**-0.0364 * duration**0.0512 * np.where(female, 0.996, 1)
    bfpg = bfpg * by(race, {"Black": 0.977, "Asian": 0.948}) * np.exp(eta["bfpg"])
    gmax = 0.217 * (bfpg / 8) ** 1.76 * age**-0.401 * bmi**-0.288 * egfr**0.512 * duration**0.0117
    gmax = gmax * np.where(female, 0.890, 1) * by(race, {"Black": 0.979, "Asian": 1.07})
    kout = 1.59e-3 * age**-0.241 * bmi**0.328 * egfr**-0.119 * duration**-0.577
    kout = kout * np.where(female, 0.858, 1) * by(race, {"Asian": 1.05})
    return cl * np.exp(eta["cl"]), bfpg, gmax * np.exp(eta["gmax"]), kout * np.exp(eta["kout"])


def truth(q, dose, day):
    """Glucose and HbA1c after so many days of a daily dose."""
    cl, bfpg, gmax, kout = q
    auc = 1e6 * dose / cl / 450.91  # nmol h/L
    fall = bfpg * gmax * auc / (703 + auc)
    t, k = day * DAY, KOUT_FPG
    quick, slow = np.exp(-k * t), np.exp(-kout * t)
    share = (1 - slow) - kout / (kout - k) * (quick - slow)
    return bfpg - fall * (1 - quick), LIMIT + RATIO * (bfpg - fall * share)


def seen(g, values, variance):
    return values * (1 + g.normal(0, np.sqrt(variance), len(values)))


def screened(g, p):
    """Those whom the records of week -2 admit."""
    glucose, hba1c = truth(parameters(p), 0.0, 0.0)
    hba1c, glucose = seen(g, hba1c, 0.00321), seen(g, glucose, 0.0236)
    attended = g.random(DRAWN) >= 0.01
    fits = attended & (hba1c >= 7) & (hba1c <= 10) & (p["egfr"] >= 50) & (glucose <= 13.3)
    chosen = {k: v[fits] for k, v in p.items() if k != "deviates"}
    chosen["deviates"] = {k: v[fits] for k, v in p["deviates"].items()}
    return chosen, hba1c[fits], glucose[fits]


def records(g, p, dose, at_screening):
    """Baseline and week 24 as seen (hba1c, fpg), and whether week 24 was attended."""
    q, count = parameters(p), len(p["age"])
    began, came = g.random(count) >= 0.01, g.random(count) >= 0.01
    week_24 = truth(q, dose, 168 - 7 * g.random(count))
    week_18 = truth(q, dose, 126 + 7 * (2 * g.random(count) - 1))
    out = []
    for of, variance in ((1, 0.00321), (0, 0.0236)):
        baseline = np.where(began, seen(g, truth(q, 0, 0)[of], variance), at_screening[1 - of])
        last = np.where(came, seen(g, week_24[of], variance), seen(g, week_18[of], variance))
        out.append((baseline, last))
    return *out, came


def main():
    g, results = np.random.default_rng(20261), Results("empa-reg-mono")
    p, *at_screening = screened(g, people(g))
    found = {arm: records(g, p, dose, at_screening) for arm, dose in ARMS.items()}
    for arm, ((before, after), _, _) in found.items():
        results.mean("hba1c change", arm, after - before)
    lowest = {arm: truth(parameters(p), dose, 168.0) for arm, dose in ARMS.items()}
    for name, of in (("hba1c difference", 0), ("fpg difference", 1)):
        for arm in ("empa_10", "empa_25"):
            results.mean(name, arm, found[arm][of][1] - found["placebo"][of][1])
    for arm, (_, (before, after), _) in found.items():
        results.mean("fpg change", arm, after - before)
    for arm, ((_, after), _, came) in found.items():
        results.percent("below 7", arm, came & (after < 7))
    for arm, (glucose, _) in lowest.items():
        results.percent("hypoglycaemia", arm, glucose < 3.9)
    for arm, rate in {"placebo": 0.00003, "empa_10": 0.00022, "empa_25": 0.00022}.items():
        hazard = rate * np.where(p["female"], 1.6, 0.6)
        results.mean("genital infection", arm, 100 * (1 - np.exp(-hazard * 175)))
    typical = [np.array([v]) for v in (10.6, 8.0, 0.217, 1.59e-3)]
    for arm, dose in ARMS.items():
        change = truth(typical, dose, 168.0)[1] - truth(typical, 0, 0)[1]
        results.add("hba1c change of the reference person", arm, change[0], 0)
    results.mean("baseline hba1c", "all", truth(parameters(p), 0, 0)[1])
    results.write()


main()
