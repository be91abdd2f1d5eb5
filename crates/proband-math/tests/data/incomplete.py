"""Writes incomplete.csv: incomplete gamma and beta functions, for tests/special.rs.

Run with mpmath 1.4: `python3 incomplete.py > incomplete.csv`. Lines: `gamma,shape,,x,lower,upper`
and `beta,a,b,x,lower,upper`.
"""
import mpmath as mp

mp.mp.dps = 40
SCORES = [-36, -20, -8, -3, -1, -0.1, 0.05, 0.7, 2, 5, 12, 25, 36]


def gamma_tails(a, x):
    """Lower series and upper continued fraction are mpmath's choice; both at 40 digits."""
    if x < a + 1:
        term = total = mp.mpf(1)
        n = 0
        while term > total * mp.mpf(10) ** -32:
            n += 1
            term *= x / (a + n)
            total += term
        lower = total * mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1))
        return lower, 1 - lower
    upper = mp.gammainc(a, x, mp.inf, regularized=True) if a < 5000 else upper_by_fraction(a, x)
    return 1 - upper, upper


def upper_by_fraction(a, x):
    """Even part of DLMF 8.9.2 from the back."""
    n = 20 * int(mp.sqrt(a)) + 2000
    value = mp.mpf(0)
    for k in range(n, 0, -1):
        value = -k * (k - a) / (x + 2 * k + 1 - a + value)
    return mp.exp(a * mp.log(x) - x - mp.loggamma(a)) / (x + 1 - a + value)


def beta_tails(a, b, x):
    if x <= a / (a + b):
        lower = beta_series(a, b, x)
        return lower, 1 - lower
    upper = beta_series(b, a, 1 - x)
    return 1 - upper, upper


def beta_series(a, b, x):
    """DLMF 8.17.8: all terms positive."""
    term = total = mp.mpf(1)
    n = 0
    while term > total * mp.mpf(10) ** -32:
        term *= (a + b + n) / (a + 1 + n) * x
        total += term
        n += 1
    log = a * mp.log(x) + b * mp.log1p(-x) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b)
    return total * mp.exp(log) / a


def number(x):
    return repr(float(x))


if __name__ == "__main__":
    print("# Incomplete gamma and beta functions by mpmath 1.4.1 at 40 digits, written by incomplete.py.")
    for a in [0.001, 0.05, 0.3, 0.9, 1.0, 1.7, 5.0, 7.9, 8.1, 30.0, 100.0, 1234.5, 99999.0, 2e5, 1e6]:
        points = {a * (1 + z / (3 * a**0.5) - 1 / (9 * a)) ** 3 for z in SCORES if a > 1 and 1 + z / (3 * a**0.5) - 1 / (9 * a) > 0.001}
        points |= {a + z * a**0.5 for z in SCORES if a + z * a**0.5 > 0}
        if a < 50:
            points |= {1e-100, 1e-5, 0.01, 0.3, 1.0, 1.05, 1.2, 4.0, 30.0, 200.0}
        for x in sorted(points):
            lower, upper = gamma_tails(mp.mpf(a), mp.mpf(x))
            if lower > 1e-300 and upper > 1e-300:
                print(f"gamma,{a!r},,{x!r},{number(lower)},{number(upper)}")
    shapes = [0.01, 0.4, 1.0, 2.5, 7.9, 8.1, 40.0, 1000.0]
    pairs = [(a, b) for a in shapes for b in shapes] + [(0.4, 50000.0), (50000.0, 3.0), (50000.0, 20000.0)]
    for a, b in pairs:
        mean, sd = a / (a + b), (a * b / (a + b + 1)) ** 0.5 / (a + b)
        points = {mean + z * sd for z in SCORES[::2]} | {1e-50, 1e-3, 0.25, 0.5, 0.9}
        for x in sorted(p for p in points if 0 < p < 1):
            lower, upper = beta_tails(mp.mpf(a), mp.mpf(b), mp.mpf(x))
            if lower > 1e-300 and upper > 1e-300:
                print(f"beta,{a!r},{b!r},{x!r},{number(lower)},{number(upper)}")
