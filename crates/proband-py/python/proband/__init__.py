"""Virtual clinical trial cohorts: clinical trials on synthetic patients.

    import proband
    run = proband.run("trial.toml", seed=1, participants=100)
    print(run.summary)
    run["adsl"]                       # an Arrow stream: polars.DataFrame(run["adsl"])
"""

from .proband_native import (
    Analysis,
    Failed,
    Faults,
    Run,
    Table,
    __version__,
    analyse,
    check,
    finished,
    model,
    models,
    replay,
    run,
)

__all__ = [
    "Analysis",
    "Failed",
    "Faults",
    "Run",
    "Table",
    "__version__",
    "analyse",
    "check",
    "finished",
    "model",
    "models",
    "replay",
    "run",
]
