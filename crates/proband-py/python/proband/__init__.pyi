from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, TypeAlias

__version__: str

_Path: TypeAlias = str | PathLike[str]
_Value: TypeAlias = bool | int | float | str | Sequence["_Value"]

class Faults(Exception):
    """What was asked for is wrong: every fault at once. As text, each with its place in the file."""

    faults: list[dict[str, Any]]
    """Each fault: code, severity, message, help, and its place: file, line, column, start, end."""

class Failed(Exception):
    """What was asked for is fine, and could not be done: a full disk, a file that was changed."""

class Table:
    """A table of a run: an Arrow stream, read anew by whoever takes it.

    `polars.DataFrame(table)`, `pyarrow.table(table)`, `pandas.DataFrame.from_arrow(table)`,
    `duckdb.sql("select * from table")`.
    """

    @property
    def name(self) -> str: ...
    @property
    def files(self) -> list[str]:
        """The Parquet files, in the order of the rows: one, unless shards stay where they are."""
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class Run:
    """A finished run."""

    @property
    def id(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def summary(self) -> str:
        """What the command line prints."""
    @property
    def manifest(self) -> dict[str, Any]:
        """`run.json`: version, seed, hashes of inputs, counts, exclusions, tables."""
    @property
    def tables(self) -> dict[str, Table]: ...
    @property
    def findings(self) -> Table:
        """Every estimate with its interval."""
    def __getitem__(self, table: str) -> Table: ...
    def export(
        self,
        to: Literal["csv", "dataset-json", "xpt", "arrow", "duckdb"],
        out: _Path | None = None,
    ) -> list[str]:
        """Writes the tables in a format of other tools, and gives the files."""

class Analysis:
    """What came of a plan over data that exist."""

    @property
    def folder(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def findings(self) -> Table: ...

def run(
    trial: _Path,
    *,
    seed: int | None = None,
    participants: int | None = None,
    set: Mapping[str, _Value] | None = None,
    scenarios: Sequence[str] = (),
    out: _Path = "outputs",
    threads: int | None = None,
) -> Run:
    """Runs a trial below the folder `out`; finds one that is finished, and goes on with one that is not.

    `set` replaces values of the trial file by their paths: `{"output.level": "truth"}`. Ctrl-C stops
    between two shards.
    """

def check(
    trial: _Path,
    *,
    seed: int | None = None,
    participants: int | None = None,
    set: Mapping[str, _Value] | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """What a run will leave and take: rows and bytes of each table, seconds, solvers, defaults."""

def finished(folder: _Path) -> Run:
    """A finished run, by its folder."""

def replay(
    run: Run | _Path, twin: int, arm: str, every: str | None = None, *, replicate: int = 1
) -> dict[str, Any]:
    """One participant of a run, simulated again to the same bits: `days`, `columns`, `records`, `events`,
    `doses`. `arm` may be one that randomisation did not give the twin; `replicate` is the repetition, from 1."""

def analyse(data: Sequence[_Path] | _Path, plan: _Path, *, out: _Path = "outputs") -> Analysis:
    """Analyses tables in ADaM's form, or a finished run once more, by a plan."""

def models(folder: _Path = "trials/models") -> list[dict[str, Any]]:
    """The model files of a folder: what each declares, or its faults."""

def model(file: _Path) -> dict[str, Any]:
    """What a model declares: parameters, states, observables, with units and citation."""
