# %% [markdown]
# # A first trial
#
# Run from the root of the repository, with the packages polars, pandas, pyarrow and duckdb. Cells are marked
# `# %%`, as editors and Jupyter (by jupytext) understand them.

# %% A trial of three arms, at a size that takes a second.
import tempfile

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

import proband

out = tempfile.mkdtemp()
trial = "trials/empa-reg-mono.toml"
print(proband.check(trial, participants=300)["participants"], "participants are planned")
run = proband.run(trial, seed=1, participants=300, out=out, set={"output.level": "truth"})
print(run, "in", run.folder)
print(run.summary[:600])

# %% Who takes part, in Polars.
adsl = pl.DataFrame(run["adsl"])
print(adsl.group_by("TRT01P").agg(pl.len(), pl.col("AGE").mean()).sort("TRT01P"))
assert len(adsl) == len(run["adsl"]) == run.manifest["counts"]["participants"]

# %% The primary endpoint, in pandas, and with its unit.
adeff = pa.table(run["adeff"])
frame = adeff.to_pandas()
print(frame.groupby(["PARAMCD", "TRT01A"], observed=True)["AVAL"].mean())
assert isinstance(frame, pd.DataFrame) and len(frame) == len(run["adeff"])
print(adeff.schema.field("AVISITN").metadata)

# %% The estimates, in DuckDB, straight from the Arrow stream.
findings = run.findings
print(
    duckdb.sql(
        "select ANALYSIS, COMPARISON, round(ESTIMATE, 3) as estimate, PVALUE from findings "
        "where STATISTIC = 'DIFFERENCE' order by all"
    )
)

# %% One of them, over time, in the arm that it was in and in another.
first = adsl.row(0, named=True)
there = proband.replay(run, first["TWIN"], first["ARMCD"], every="7 day")
other = next(arm for arm in adsl["ARMCD"].cast(pl.String).unique().sort() if arm != first["ARMCD"])
elsewhere = proband.replay(run, first["TWIN"], other, every="7 day")
for column, alternative in zip(there["columns"], elsewhere["columns"]):
    print(f"{column['name']:12} {column['values'][-1]:12.4f} {alternative['values'][-1]:12.4f}")

# %% The same trial again is found, and a mistake is an exception that says where it is.
assert proband.run(trial, seed=1, participants=300, out=out, set={"output.level": "truth"}).id == run.id
try:
    proband.run(trial, set={"design.participant": 300}, out=out)
except proband.Faults as error:
    print(error)
    assert error.faults[0]["code"] == "unknown-key", error.faults
