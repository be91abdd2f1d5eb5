"""Reads the participants of a run by the list of its files, in DuckDB and in Polars, as the book shows it."""

import json
import pathlib
import sys

import duckdb
import polars

run = pathlib.Path(sys.argv[1])
files = json.loads((run / "dataset.json").read_text())["files"]
adsl = polars.scan_parquet([run / f["file"] for f in files if f["name"] == "adsl"])

duckdb.execute(
    f"""SET VARIABLE files = (SELECT list('{run}/' || f.file)
        FROM (SELECT unnest(files) AS f FROM '{run}/dataset.json') WHERE f.name = 'adsl')"""
)
ids = duckdb.sql("SELECT USUBJID FROM read_parquet(getvariable('files'))").fetchall()
there = adsl.select("USUBJID").collect().to_series().to_list()
assert [one for (one,) in ids] == there == sorted(set(there))
print("adsl", len(ids), len(there))
