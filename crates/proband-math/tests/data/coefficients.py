"""Fits the polynomials of `src/functions` (near-minimax, by Chebyshev expansion at 60 digits).

Run with mpmath 1.4: `python3 coefficients.py`. Prints Rust arrays, lowest power first, and above
each the largest error of the fit before its coefficients were rounded to doubles.
"""
import mpmath as mp

mp.mp.dps = 60


def fit(name, what, f, low, high, terms):
    coefficients, error = mp.chebyfit(f, [mp.mpf(low), mp.mpf(high)], terms, error=True)
    numbers = [float(c) for c in reversed(coefficients)]
    print(f"/// {what}; error 2^{float(mp.log(error, 2)):.1f}.")
    print(f"const {name}: [f64; {terms}] = [")
    for x in numbers:
        print(f"    {x!r},")
    print("];\n")


def exp_tail(r):
    return (mp.expm1(r) - r) / r**2 if abs(r) > mp.mpf(10) ** -20 else mp.mpf(1) / 2


def atanh_tail(z):
    if z < mp.mpf(10) ** -20:
        return mp.mpf(2) / 5
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s - 2 * s**3 / 3) / s**5


def atan_tail(z):
    if z < mp.mpf(10) ** -20:
        return -mp.mpf(1) / 3
    t = mp.sqrt(z)
    return (mp.atan(t) - t) / t**3


def erf_tail(z):
    if z < mp.mpf(10) ** -20:
        return 2 / mp.sqrt(mp.pi) - 1
    x = mp.sqrt(z)
    return mp.erf(x) / x - 1


def erfcx(a):
    return mp.exp(a * a) * mp.erfc(a)


K = mp.mpf(4)


def erfcx_scaled(q):
    a = K * (1 + q) / (1 - q)
    return erfcx(a) * (1 + 2 * a)


def gamma_tail(d):
    return mp.loggamma(2 + d) / d if abs(d) > mp.mpf(10) ** -25 else 1 - mp.euler


def stirling_tail(w):
    if w < mp.mpf(10) ** -15:
        return mp.mpf(1) / 12
    x = 1 / mp.sqrt(w)
    return (mp.loggamma(x) - (x - mp.mpf(1) / 2) * mp.log(x) + x - mp.log(2 * mp.pi) / 2) * x


def temme_series(count=26):
    """Taylor coefficients of c_k(eta), DLMF 8.12.9-8.12.12, from eta^2/2 = mu - ln(1 + mu)."""
    mu = [mp.mpf(0), mp.mpf(1)]
    for n in range(2, count):
        inner = sum(mu[i] * mu[n + 1 - i] for i in range(2, n))
        mu.append((mu[n - 1] * 2 / mp.mpf(n + 1) - inner) / 2)
    inverse = [mp.mpf(1)]  # eta / mu
    for n in range(1, count - 1):
        inverse.append(-sum(mu[k + 1] * inverse[n - k] for k in range(1, n + 1)))
    stirling = [1, mp.mpf(1) / 12, mp.mpf(1) / 288, -mp.mpf(139) / 51840]
    series = [inverse[1:]]
    for k in range(1, 4):
        slope = [(i + 1) * c for i, c in enumerate(series[-1][1:])]
        # Divided by eta; the two terms in 1/eta cancel.
        series.append([s + (-1) ** k * stirling[k] * i for s, i in zip(slope[1:], inverse[1:])])
    return series


if __name__ == "__main__":
    fit("EXP", "(e^r - 1 - r) / r^2 on +-0.3467", exp_tail, -0.3467, 0.3467, 11)
    fit("ATANH", "(2 atanh s - 2 s - 2/3 s^3) / s^5 in s^2 on [0, 0.02945]", atanh_tail, 0, 0.02945, 9)
    fit("ATAN", "(atan t - t) / t^3 in t^2 on [0, tan^2(pi/8)]", atan_tail, 0, 0.1716, 12)
    fit("ERF", "erf x / x - 1 in x^2 on [0, 0.25]", erf_tail, 0, 0.25, 9)
    low, high = (mp.mpf(1) / 2 - K) / (mp.mpf(1) / 2 + K), (28 - K) / (28 + K)
    fit("ERFCX", "(1 + 2 a) e^(a^2) erfc a in (a - 4)/(a + 4) for a on [0.5, 28]", erfcx_scaled, low, high, 23)
    fit("GAMMA", "ln Gamma(2 + d) / d on +-0.5", gamma_tail, -0.5, 0.5, 19)
    fit("STIRLING", "x (ln Gamma x - Stirling) in 1/x^2 for x >= 8", stirling_tail, 0, mp.mpf(1) / 64, 8)
    for name, x in [("LN_2", mp.log(2)), ("FRAC_PI_2", mp.pi / 2), ("LOG10_E", mp.log10(mp.e)),
                    ("LOG2_E", 1 / mp.log(2)), ("2/3", mp.mpf(2) / 3), ("sqrt(1/2)", mp.sqrt(0.5)), ("ln sqrt 2pi - 1/2", mp.log(2*mp.pi)/2-mp.mpf(1)/2),("ln sqrt 2pi", mp.log(2*mp.pi)/2),("1/sqrt 2pi", 1/mp.sqrt(2*mp.pi)), ("2/pi", 2/mp.pi)]:
        parts = []
        for _ in range(3):
            parts.append(float(x))
            x -= parts[-1]
        print(f"// {name} = {' + '.join(map(repr, parts))}")
    for k, terms in enumerate([12, 8, 5, 2]):
        print(f"// c_{k}(eta): {[float(c) for c in temme_series()[k][:terms]]}")
