"""Makes the data of `compare.py`, and runs statsmodels and lifelines on them: task, program, seconds, estimate, error.

    python peers.py make FOLDER
    python peers.py FOLDER PROGRAM TASK
"""

import sys
import time
from pathlib import Path

import numpy as np


def make(folder):
    """The same columns for every program, little-endian doubles."""
    draw = np.random.default_rng(20261125)

    def keep(task, **columns):
        for name, values in columns.items():
            np.asarray(values, dtype="<f8").tofile(folder / f"{task}.{name}.f64")

    people, visits = 1_000, 6
    spread = np.diag(np.linspace(1.0, 2.0, visits))
    order = np.arange(visits)
    covariance = spread @ (0.8 ** np.abs(order[:, None] - order)) @ spread
    arm, base = np.arange(people) % 2, draw.normal(10, 2, people)
    y = draw.multivariate_normal(np.zeros(visits), covariance, people)
    y += 0.3 * base[:, None] - 0.2 * order * arm[:, None]
    seen = (draw.random((people, visits)) > 0.1) | (order == 0)
    participant, visit = np.nonzero(seen)
    keep("mmrm", participant=participant, visit=visit, arm=arm[participant], base=base[participant], y=y[seen])

    n = 100_000
    arm, age, marker = np.arange(n) % 2, draw.normal(60, 10, n), draw.normal(0, 1, n)
    hazard = np.exp(-0.3 * arm + 0.02 * (age - 60) + 0.2 * marker) / 400
    event_at, end = draw.exponential(1 / hazard), draw.uniform(200, 730, n)
    # Whole days, so that there are ties.
    keep("cox", time=np.ceil(np.minimum(event_at, end)), event=event_at <= end, arm=arm, age=age, marker=marker)

    n = 1_000_000
    arm = np.arange(n) % 2
    event_at, end = draw.exponential(np.where(arm == 1, 500, 400)), draw.uniform(200, 730, n)
    keep("logrank", time=np.ceil(np.minimum(event_at, end)), event=event_at <= end, arm=arm)

    arm, site, base = np.arange(n) % 3, draw.integers(0, 10, n), draw.normal(8, 1, n)
    keep("ancova", arm=arm, site=site, base=base, y=0.5 * base - 0.1 * arm + 0.05 * site + draw.normal(0, 1, n))


def columns(folder, task, *names):
    return [np.fromfile(folder / f"{task}.{name}.f64", dtype="<f8") for name in names]


def frame(folder, task, *names):
    import pandas

    return pandas.DataFrame(dict(zip(names, columns(folder, task, *names))))


def lifelines_cox(folder):
    from lifelines import CoxPHFitter

    data = frame(folder, "cox", "time", "event", "arm", "age", "marker")

    def run():
        fit = CoxPHFitter().fit(data, "time", "event")
        return fit.params_["arm"], fit.standard_errors_["arm"]

    return run


def lifelines_log_rank(folder):
    from lifelines.statistics import logrank_test

    time, event, arm = columns(folder, "logrank", "time", "event", "arm")
    active = arm == 1

    def run():
        test = logrank_test(time[active], time[~active], event[active], event[~active])
        return np.sqrt(test.test_statistic), 1.0

    return run


def statsmodels_cox(folder):
    from statsmodels.duration.hazard_regression import PHReg

    time, event, *covariates = columns(folder, "cox", "time", "event", "arm", "age", "marker")
    covariates = np.column_stack(covariates)

    def run():
        fit = PHReg(time, covariates, event, ties="efron").fit()
        return fit.params[0], fit.bse[0]

    return run


def statsmodels_log_rank(folder):
    from statsmodels.duration.survfunc import survdiff

    time, event, arm = columns(folder, "logrank", "time", "event", "arm")

    def run():
        return np.sqrt(survdiff(time, event, arm)[0]), 1.0

    return run


def statsmodels_ancova(folder):
    from statsmodels.formula.api import ols

    data = frame(folder, "ancova", "arm", "site", "base", "y")

    def run():
        fit = ols("y ~ C(arm) + C(site) + base", data).fit()
        return fit.params["C(arm)[T.2.0]"], fit.bse["C(arm)[T.2.0]"]

    return run


TASKS = {
    ("lifelines", "cox"): lifelines_cox,
    ("lifelines", "log-rank"): lifelines_log_rank,
    ("statsmodels", "cox"): statsmodels_cox,
    ("statsmodels", "log-rank"): statsmodels_log_rank,
    ("statsmodels", "ancova"): statsmodels_ancova,
}


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        folder, program, task = sys.argv[1:]
        run = TASKS[program, task](Path(folder))
        start = time.process_time()
        estimate, error = run()
        print(f"{task}\t{time.process_time() - start:.6f}\t{estimate:.10f}\t{error:.10f}")
