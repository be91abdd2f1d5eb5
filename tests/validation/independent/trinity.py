"""TRINITY from the equations of Song 2013, independently of proband.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    cd tests/validation/independent && path/to/venv/bin/python trinity.py

The model is algebra, so that the population is all there is to sample: 2,000,000 people take part in
every arm. Writes trinity.csv.
"""

import numpy as np
from scipy.stats import lognorm, norm

from population import Results, choice, lognormal_of_mean, uniform_within

COUNT = 2_000_000
DOSES = {"om": 40.0, "aml": 10.0, "hctz": 25.0}  # mg a day
CLEARANCES = {"om": 6.32, "aml": 23.4, "hctz": 20.3}  # L/h
ARMS = {
    "om_aml": ("om", "aml"),
    "om_hctz": ("om", "hctz"),
    "aml_hctz": ("aml", "hctz"),
    "triple": ("om", "aml", "hctz"),
}


def people(generator):
    log_mean, log_sd = lognormal_of_mean(94.9, 22.0)
    weight = lognorm(s=log_sd, scale=np.exp(log_mean))
    return {
        "sbp": uniform_within(norm(165, 14), generator.random(COUNT), 140, 210),
        "age": uniform_within(norm(54.8, 11), generator.random(COUNT), 18, 90),
        "weight": uniform_within(weight, generator.random(COUNT), 45, 200),
        "female": generator.random(COUNT) < 0.461,
        "black": choice(generator, COUNT, {"White": 0.589, "Black": 0.25, "other": 0.161}) == "Black",
        "hispanic": generator.random(COUNT) < 0.134,
        "eta": generator.normal(0, 14.0, COUNT),
    }


def change(p, drugs):
    """Change of systolic pressure, mmHg, with its deviation between people."""
    auc = {d: 1000 * (DOSES[d] if d in drugs else 0) / CLEARANCES[d] for d in DOSES}  # ng h/mL
    rise = p["sbp"] / 165
    placebo = -4.20 * rise**4.08 * (p["age"] / 54.8) ** -0.746 * np.where(p["hispanic"], 0.446, 1)
    om = -18.8 * auc["om"] / (auc["om"] + 1590) * rise**1.96 * np.where(p["black"], 0.607, 1)
    aml = -23.1 * auc["aml"] / (auc["aml"] + 309) * rise**3.65
    aml = aml * (p["weight"] / 94.9) ** -0.586 * np.where(p["female"], 1.301, 1)
    hctz = -9.38 * auc["hctz"] / 1000 * rise**2.82
    pairs = 0.0182 * om * aml + 0.0195 * om * hctz + 0.0263 * aml * hctz
    return placebo + om + aml + hctz + pairs + 0.000736 * om * aml * hctz + p["eta"]


def main():
    generator = np.random.default_rng(20260)
    p, results = people(generator), Results("trinity")
    changes = {arm: change(p, drugs) for arm, drugs in ARMS.items()}
    seen = {arm: c + generator.normal(0, 6.02, COUNT) for arm, c in changes.items()}
    for arm in ARMS:
        results.mean("change", arm, seen[arm])
    for arm in ARMS:
        results.percent("below 140", arm, p["sbp"] + seen[arm] < 140)
    for arm in list(ARMS)[:-1]:
        results.mean("triple less pair", arm, changes["triple"] - changes[arm])
    mean = {k: np.array([v]) for k, v in typical().items()}
    for arm, drugs in ARMS.items():
        results.add("change of the mean person", arm, change(mean, drugs)[0], 0)
    results.write()


def typical():
    return {
        "sbp": 165.0, "age": 54.8, "weight": 94.9,
        "female": False, "black": False, "hispanic": False, "eta": 0.0,
    }


main()
