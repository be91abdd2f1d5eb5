"""Writes functions.csv: function values at 60 digits, for tests/accuracy.rs.

Run with mpmath 1.4: `python3 references.py COUNT > functions.csv`, COUNT points a range (the file
kept has 60). Each line is `function,x,y,high,low`: the true value is high + low, high the nearest
double; y is empty for functions of one argument.
"""
import math
import random
import sys

import mpmath as mp

mp.mp.dps = 60
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 60
RANDOM = random.Random(20260101)


def uniform(low, high):
    return lambda: RANDOM.uniform(low, high)


def spread(low, high, signed=False):
    """Magnitudes whose logarithm is uniform."""
    def draw():
        x = math.exp(RANDOM.uniform(math.log(low), math.log(high)))
        return -x if signed and RANDOM.random() < 0.5 else x
    return draw


def beside(centre, low, high):
    return lambda: centre + spread(low, high, signed=True)()


def normal_quantile(p):
    """Newton on the logarithm of the smaller tail."""
    p = mp.mpf(p)
    if p > 0.5:
        return -normal_quantile(1 - p)
    x = -mp.sqrt(-2 * mp.log(p)) if p < 0.01 else mp.sqrt(2) * mp.erfinv(2 * p - 1)
    for _ in range(80):
        cdf = mp.erfc(-x / mp.sqrt(2)) / 2
        step = (mp.log(cdf) - mp.log(p)) * cdf / mp.npdf(x)
        x -= step
        if abs(step) < mp.mpf(10) ** -50 * abs(x):
            break
    return x


FUNCTIONS = {
    "exp": (mp.exp, [uniform(-1, 1), uniform(-745, 709), spread(1e-20, 1, True)]),
    "exp2": (lambda x: mp.mpf(2) ** x, [uniform(-1, 1), uniform(-1074, 1023)]),
    "exp_m1": (mp.expm1, [uniform(-1, 1), uniform(-30, 709), spread(1e-18, 1, True)]),
    "ln": (mp.log, [uniform(0.5, 2), spread(1e-308, 1e308), spread(5e-324, 1e-307), beside(1, 1e-15, 0.1)]),
    "ln_1p": (mp.log1p, [uniform(-0.9, 2), spread(1e-18, 1e300), beside(0, 1e-18, 0.5)]),
    "log2": (lambda x: mp.log(x) / mp.log(2), [uniform(0.5, 2), spread(1e-308, 1e308)]),
    "log10": (mp.log10, [uniform(0.5, 2), spread(1e-308, 1e308)]),
    "sin": (mp.sin, [uniform(-4, 4), uniform(-1e6, 1e6), spread(1e-9, 1e12, True)]),
    "cos": (mp.cos, [uniform(-4, 4), uniform(-1e6, 1e6), spread(1e-9, 1e12, True)]),
    "tan": (mp.tan, [uniform(-4, 4), uniform(-1e6, 1e6), spread(1e-9, 1e12, True)]),
    "atan": (mp.atan, [uniform(-3, 3), spread(1e-10, 1e20, True)]),
    "sinh": (mp.sinh, [uniform(-2, 2), uniform(-710, 710), spread(1e-18, 1, True)]),
    "cosh": (mp.cosh, [uniform(-2, 2), uniform(-710, 710)]),
    "tanh": (mp.tanh, [uniform(-3, 3), spread(1e-18, 30, True)]),
    "expit": (lambda x: 1 / (1 + mp.exp(-x)), [uniform(-5, 5), uniform(-700, 40)]),
    "logit": (lambda p: mp.log(p) - mp.log1p(-p), [uniform(0, 1), spread(1e-300, 0.5), beside(0.5, 1e-15, 0.1)]),
    "erf": (mp.erf, [uniform(-6, 6), spread(1e-18, 1, True)]),
    "erfc": (mp.erfc, [uniform(-6, 6), uniform(0, 26.5), beside(0, 1e-10, 1)]),
    "normal_cdf": (lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, [uniform(-5, 5), uniform(-38, 1)]),
    "normal_pdf": (mp.npdf, [uniform(-5, 5), uniform(-38, 38)]),
    "normal_quantile": (normal_quantile, [uniform(0, 1), spread(1e-307, 0.5), beside(0.5, 1e-15, 0.1)]),
    "gamma_ln": (mp.loggamma, [uniform(0, 3), uniform(2, 9), spread(1e-300, 1e300), spread(7, 1e4), beside(1, 1e-15, 0.3), beside(2, 1e-15, 0.3)]),
}
POWERS = [
    (uniform(0.1, 10), uniform(-3, 3)),
    (spread(1e-300, 1e300), uniform(-1, 1)),
    (spread(1e-3, 1e3), uniform(-100, 100)),
    (beside(1, 1e-8, 0.1), spread(1, 1e6, True)),
    (spread(1e-100, 1e100), lambda: float(RANDOM.choice([2, 3, -1, -2, 4, 0.5, 0.75, -0.25]))),
]


def line(name, x, y, value):
    high = float(value)
    if math.isinf(high) or abs(high) < 2.3e-308:
        return
    print(f"{name},{x!r},{y},{high!r},{float(value - mp.mpf(high))!r}")


if __name__ == "__main__":
    print("# Values of functions by mpmath 1.4.1 at 60 digits, written by references.py.")
    print("# function,x,y,high,low: the value is high + low.")
    for name, (f, ranges) in FUNCTIONS.items():
        for draw in ranges:
            for _ in range(COUNT):
                x = draw()
                line(name, x, "", mp.mpf(f(mp.mpf(x))))
    for base, exponent in POWERS:
        for _ in range(COUNT):
            x, y = base(), exponent()
            line("pow", x, repr(y), mp.mpf(x) ** mp.mpf(y))
