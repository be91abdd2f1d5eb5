"""Writes distributions.csv: quantiles and moments, for tests/distributions.rs.

Run with scipy 1.17.1: `python3 distributions.py > distributions.csv`. Lines:
`name,a,b,c,low,high,quantity,argument,value`; low and high are empty without truncation, and
quantity is quantile, tail (value is the upper tail at the argument), mean or sd.
"""
import mpmath as mp
import numpy as np
from scipy import integrate, stats

CONTINUOUS = [
    ("normal", (3.0, 2.0), stats.norm(3, 2)),
    ("log_normal", (0.5, 0.8), stats.lognorm(0.8, scale=np.exp(0.5))),
    ("uniform", (-1.0, 4.0), stats.uniform(-1, 5)),
    ("exponential", (2.5,), stats.expon(scale=2.5)),
    ("weibull", (1.7, 3.0), stats.weibull_min(1.7, scale=3)),
    ("weibull", (0.6, 10.0), stats.weibull_min(0.6, scale=10)),
    ("gamma", (0.3, 2.0), stats.gamma(0.3, scale=2)),
    ("gamma", (4.2, 0.5), stats.gamma(4.2, scale=0.5)),
    ("gamma", (250.0, 1.0), stats.gamma(250)),
    ("beta", (0.4, 0.7), stats.beta(0.4, 0.7)),
    ("beta", (2.0, 5.5), stats.beta(2, 5.5)),
    ("beta", (300.0, 40.0), stats.beta(300, 40)),
    ("triangular", (1.0, 2.0, 6.0), stats.triang(0.2, 1, 5)),
]
DISCRETE = [
    ("poisson", (0.3,), stats.poisson(0.3)),
    ("poisson", (7.5,), stats.poisson(7.5)),
    ("poisson", (1200.0,), stats.poisson(1200)),
    ("negative_binomial", (4.0, 0.5), stats.nbinom(2, 1 / 3)),
    ("negative_binomial", (0.8, 3.0), stats.nbinom(1 / 3, 1 / 3.4)),
    ("binomial", (12.0, 0.3), stats.binom(12, 0.3)),
    ("binomial", (5000.0, 0.02), stats.binom(5000, 0.02)),
    ("bernoulli", (0.25,), stats.bernoulli(0.25)),
]
UNIFORMS = [1e-12, 1e-4, 0.013, 0.2, 0.4999, 0.63, 0.9, 0.99871, 1 - 1e-9]
# Far out, where scipy's own truncation has no digits: see normal_within.
WINDOWS = [(0.5, 5.0), (13.0, 20.0), (-40.0, -30.0), (60.0, float("inf"))]


def line(name, parameters, window, quantity, argument, value):
    a, b, c = [*map(repr, parameters), "", ""][:3]
    low, high = map(repr, window) if window else ("", "")
    print(f"{name},{a},{b},{c},{low},{high},{quantity},{float(argument)!r},{float(value)!r}")


def normal_within(mean, sd, window, u):
    """The quantile at 60 digits, by bisection on the upper or the lower tail."""
    mp.mp.dps = 60
    low, high = [(mp.mpf(x) - mean) / sd for x in window]
    sign = 1 if low > 0 else -1
    tail = lambda z: mp.erfc(sign * z / mp.sqrt(2)) / 2 if mp.isfinite(z) else mp.mpf(0 if sign * z > 0 else 1)
    target = tail(low) + mp.mpf(u) * (tail(high) - tail(low))
    left, right = low, high if mp.isfinite(high) else low + 50
    for _ in range(190):
        middle = (left + right) / 2
        if (tail(middle) - target) * sign > 0:
            left = middle
        else:
            right = middle
    return mean + sd * left


if __name__ == "__main__":
    print("# Quantiles and moments by scipy 1.17.1 (truncated normal: mpmath 1.4.1), written by distributions.py.")
    for name, parameters, law in CONTINUOUS + DISCRETE:
        for u in UNIFORMS:
            line(name, parameters, None, "quantile", u, law.ppf(u))
        for u in [1e-200, 1e-30, 1e-5, 0.3]:
            x = law.isf(u)
            if np.isfinite(x) and 0 < law.sf(x) < 1 and name not in ("triangular", "uniform"):
                line(name, parameters, None, "tail", x, law.sf(x))
        line(name, parameters, None, "mean", 0, law.mean())
        line(name, parameters, None, "sd", 0, law.std())
    for window in WINDOWS:
        for u in UNIFORMS:
            line("normal", (3.0, 2.0), window, "quantile", u, normal_within(3, 2, window, u))
    for low, high in [(0.0, 5.0), (-1.0, 3.5), (4.0, 9.0)]:
        law = stats.truncnorm((low - 3) / 2, (high - 3) / 2, 3, 2)
        line("normal", (3.0, 2.0), (low, high), "mean", 0, law.mean())
        line("normal", (3.0, 2.0), (low, high), "sd", 0, law.std())
    for name, parameters, law in CONTINUOUS[7:8] + DISCRETE[1:2]:
        low, high = 2.0, 9.0
        if name == "poisson":
            x = np.arange(low, high + 1)
            p = law.pmf(x) / law.pmf(x).sum()
            mean = (x * p).sum()
            sd = ((x - mean) ** 2 * p).sum() ** 0.5
        else:
            mass, mean, square = [integrate.quad(lambda x: x**k * law.pdf(x), low, high, epsabs=0, epsrel=1e-13)[0] for k in range(3)]
            mean, square = mean / mass, square / mass
            sd = (square - mean**2) ** 0.5
        line(name, parameters, (low, high), "mean", 0, mean)
        line(name, parameters, (low, high), "sd", 0, sd)
