"""What the three computations share: truncated laws by inversion, categories, and the tables they write."""

import numpy as np
from scipy.stats import norm


def uniform_within(law, uniform, low, high):
    """A draw of `law` truncated to [low, high], by inversion of one uniform number."""
    below, above = law.cdf(low), law.cdf(high)
    return law.ppf(below + uniform * (above - below))


def choice(generator, count, shares):
    """Names drawn with the given shares."""
    names = np.array(list(shares))
    return names[np.searchsorted(np.cumsum(list(shares.values())), generator.random(count))]


def correlated(generator, count, pairs, names):
    """Standard normal scores by name, joined by a Gaussian copula."""
    matrix = np.eye(len(names))
    for first, second, r in pairs:
        i, j = names.index(first), names.index(second)
        matrix[i, j] = matrix[j, i] = r
    scores = generator.standard_normal((count, len(names))) @ np.linalg.cholesky(matrix).T
    return {name: norm.cdf(scores[:, k]) for k, name in enumerate(names)}


def lognormal_of_mean(mean, sd):
    """Log-normal law with a given mean and standard deviation."""
    variance = np.log1p((sd / mean) ** 2)
    return np.log(mean) - variance / 2, np.sqrt(variance)


class Results:
    """Rows of `results.csv`: quantity, arm, value, standard error."""

    def __init__(self, trial):
        self.trial, self.rows = trial, []

    def mean(self, quantity, arm, values):
        self.add(quantity, arm, values.mean(), values.std(ddof=1) / np.sqrt(len(values)))

    def percent(self, quantity, arm, holds):
        p = holds.mean()
        self.add(quantity, arm, 100 * p, 100 * np.sqrt(p * (1 - p) / len(holds)))

    def add(self, quantity, arm, value, error):
        self.rows.append((quantity, arm, f"{value:.5g}", f"{error:.2g}"))

    def write(self):
        with open(f"{self.trial}.csv", "w") as file:
            file.write("quantity,arm,value,standard_error\n")
            file.writelines(",".join(row) + "\n" for row in self.rows)
        for row in self.rows:
            print(self.trial, *row)
