"""Opens the tables of a finished run in DuckDB, Polars, pandas and pyarrow, and compares what they see.

    python3 -m venv venv
    venv/bin/pip install duckdb polars pandas pyarrow
    venv/bin/python tests/readers/read_tables.py outputs/TRIAL/RUN

Of every table: the rows that run.json counts, the columns and units of crates/proband/book/tables.md, and
the same number of present values, the same sums and the same distinct texts in all four. Prints one line
a table; a difference ends the program with exit code 1.
"""

import json
import math
import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet

PAGE = pathlib.Path(__file__).parents[2] / "crates/proband/book/tables.md"


def page():
    """The columns of each table as the page has them: name -> unit."""
    tables, current = {}, []
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            current = line[3:].split(":")[0].split(" and ")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 5 and cells[0] != "column":
            for table in current:
                tables.setdefault(table, {})[cells[0]] = cells[3] or None
    return tables


def by_pyarrow(path):
    table = pyarrow.parquet.read_table(path)
    units = {field.name: unit(field.metadata) for field in table.schema}
    return table.column_names, units, [column(c.to_pylist()) for c in table.columns]


def unit(metadata):
    value = (metadata or {}).get(b"unit")
    return value.decode() if value else None


def by_pandas(path):
    frame = pandas.read_parquet(path)
    columns = [frame[name] for name in frame.columns]
    return list(frame.columns), None, [column(c[c.notna()].tolist()) for c in columns]


def by_polars(path):
    frame = polars.read_parquet(path)
    units = json.loads(polars.read_parquet_metadata(path).get("proband.units", "{}"))
    return frame.columns, units, [column(c.to_list()) for c in frame.get_columns()]


def by_duckdb(path):
    relation = duckdb.sql(f"select * from '{path}'")
    pairs = duckdb.sql(f"select key, value from parquet_kv_metadata('{path}')").fetchall()
    units = json.loads(dict(pairs).get(b"proband.units", "{}"))
    columns = zip(*relation.fetchall()) if len(relation) else [[] for _ in relation.columns]
    return relation.columns, units, [column(list(c)) for c in columns]


def column(values):
    """What a column amounts to: present values, and their sum or the distinct texts."""
    present = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in present):
        return len(present), sorted(set(present))
    return len(present), math.fsum(present)


def check(table, rows, path, expected):
    problems = []
    reference = by_pyarrow(path)
    names, units, _ = reference
    if len(pyarrow.parquet.read_table(path)) != rows:
        problems.append(f"run.json counts {rows} rows")
    for name, of_page in expected.items():
        if name not in names:
            problems.append(f"has no column {name}")
        elif units[name] != of_page:
            problems.append(f"{name} is in {units[name]}, on the page in {of_page}")
    given = {name: value for name, value in units.items() if value}
    for reader in (by_pandas, by_polars, by_duckdb):
        read_names, read_units, columns = reader(path)
        if list(read_names) != names:
            problems.append(f"{reader.__name__}: columns {read_names}")
        if read_units is not None and read_units != given:
            problems.append(f"{reader.__name__}: units {read_units}")
        for name, ours, theirs in zip(names, reference[2], columns):
            if ours != theirs:
                problems.append(f"{reader.__name__}: {name} is {theirs}, pyarrow has {ours}")
    print(table, rows, "rows,", len(names), "columns:", "; ".join(problems) or "agree")
    return not problems


def main(run):
    manifest = json.loads((run / "run.json").read_text())
    expected = page()
    results = [
        check(t["table"], t["rows"], str(run / (t["table"] + ".parquet")), expected[t["table"]])
        for t in manifest["tables"]
    ]
    if not results:
        print("run.json lists no tables")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
