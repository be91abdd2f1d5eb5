"""What the package promises, from outside: run with a Python that has it, and polars, pandas, pyarrow, duckdb.

    python crates/proband-py/tests/package.py        (from the root of the repository)
"""

import ctypes
import pathlib
import signal
import tempfile
import threading
import time

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import proband

TRIAL = "trials/empa-reg-mono.toml"
OUT = tempfile.mkdtemp()


def small(**keywords):
    keywords = {"seed": 3, "participants": 60, "out": OUT} | keywords
    return proband.run(TRIAL, **keywords)


def keywords_are_those_of_the_command_line():
    run = small(set={"output.level": "truth", "arm.placebo.title": 'A "quoted" arm'}, threads=1)
    assert run.manifest["seed"] == 3 and run.manifest["level"] == "truth"
    assert 'A "quoted" arm' in run.manifest["arms"]
    assert run.manifest["counts"]["participants"] == 60
    assert (pathlib.Path(run.folder) / "run.json").exists() and run.id in run.folder
    assert small(set={"output.level": "truth", "arm.placebo.title": 'A "quoted" arm'}).id == run.id
    assert proband.finished(run.folder).summary == run.summary
    assert "truth" in run.tables and "EMPA-REG-MONO" in run.summary


def tables_are_taken_by_polars_pandas_pyarrow_and_duckdb():
    run = small()
    for name, stream in run.tables.items():
        # The reference is the file, read by pyarrow.
        (file,) = stream.files
        ours = pq.read_table(file)
        taken = pa.table(stream)
        assert taken.schema.equals(ours.schema.remove_metadata(), check_metadata=False), name
        for column, field in zip(ours.column_names, taken.schema):
            assert field.metadata == ours.schema.field(column).metadata
            # By values: the levels of a dictionary may stand in another order.
            assert taken[column].to_pylist() == ours[column].to_pylist(), (name, column)
        assert len(stream) == len(ours), name
        assert len(pl.DataFrame(stream)) == len(pd.DataFrame.from_arrow(stream)) == len(ours)
        assert duckdb.sql("select count(*) from stream").fetchall() == [(len(ours),)]
    adlb = pa.table(run["adlb"])
    assert adlb.schema.field("PCHG").metadata[b"unit"] == b"%"
    # A table is read anew by everybody who takes it.
    assert pa.table(run["adlb"]).equals(adlb)


def arrow_is_handed_over_and_not_copied():
    """The address of a buffer in the stream's own array is the one that pyarrow has."""

    class ArrowArray(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_int64),
            ("null_count", ctypes.c_int64),
            ("offset", ctypes.c_int64),
            ("n_buffers", ctypes.c_int64),
            ("n_children", ctypes.c_int64),
            ("buffers", ctypes.POINTER(ctypes.c_void_p)),
            ("children", ctypes.POINTER(ctypes.c_void_p)),
        ]

    seen = []

    class Spy:
        """Passes a stream on, and keeps the addresses of the first column's buffers."""

        def __arrow_c_stream__(self, requested_schema=None):
            capsule = small()["adlb"].__arrow_c_stream__()
            get = ctypes.pythonapi.PyCapsule_GetPointer
            get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
            stream = ctypes.cast(get(capsule, b"arrow_array_stream"), ctypes.POINTER(ctypes.c_void_p))
            real = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(stream[1])

            def next_(of, into):
                code = real(of, into)
                array = ctypes.cast(into, ctypes.POINTER(ArrowArray)).contents
                if array.length:
                    index = names.index("ATIME")
                    child = ctypes.cast(array.children[index], ctypes.POINTER(ArrowArray)).contents
                    seen.append(child.buffers[1])
                return code

            self.kept = (ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(next_), real)
            stream[1] = ctypes.cast(self.kept[0], ctypes.c_void_p).value
            return capsule

    names = pq.read_schema(small()["adlb"].files[0]).names
    spy = Spy()
    taken = pa.table(spy)
    chunks = taken["ATIME"].chunks
    assert [chunk.buffers()[1].address for chunk in chunks] == seen
    assert seen


def a_fault_is_an_exception_with_its_place():
    text = pathlib.Path(TRIAL).read_text()
    broken = pathlib.Path(OUT, "broken.toml")
    broken.write_text(text.replace("\nparticipants", "\nparticipant"))
    try:
        proband.check(broken)
    except proband.Faults as error:
        fault = next(fault for fault in error.faults if fault["code"] == "unknown-key")
        assert fault["file"] == str(broken) and fault["line"] > 1, fault
        assert "participant" in str(error) and str(broken) in str(error)
    else:
        raise AssertionError("it was taken")
    for call in (
        lambda: proband.run(TRIAL, set={"design.participant": 3}, out=OUT),
        lambda: proband.finished(OUT),
        lambda: proband.replay(small(), 0, "no arm"),
        lambda: proband.model("nothing.model"),
    ):
        try:
            call()
        except proband.Faults as error:
            assert error.faults, error
        else:
            raise AssertionError("it was taken")
    for wrong, kind in (({"design.participants": object()}, TypeError),):
        try:
            proband.check(TRIAL, set=wrong)
        except kind:
            pass
        else:
            raise AssertionError("it was taken")
    try:
        small()["adxx"]
    except KeyError as error:
        assert "adsl" in str(error)


def the_rest_does_what_the_command_line_does():
    estimate = proband.check(TRIAL, participants=60)
    assert estimate["participants"] == 60 and estimate["tables"]
    run = small()
    adsl = pa.table(run["adsl"]).to_pylist()
    replayed = proband.replay(run.folder, adsl[0]["TWIN"], adsl[0]["ARMCD"], "7 day")
    assert replayed["run"] == run.id and len(replayed["days"]) == len(replayed["columns"][0]["values"])
    files = run.export("csv", pathlib.Path(OUT, "csv"))
    assert files[-1].endswith("define.xml") and all(pathlib.Path(file).exists() for file in files)
    assert run.export("duckdb")[-2].endswith("EMPA-REG-MONO.duckdb")
    names = {model["name"] for model in proband.models()}
    assert names and proband.model(proband.models()[0]["file"])["name"] in names
    plan = pathlib.Path(OUT, "plan.toml")
    arms = "".join(f"[arm.{arm}]\n" for arm in sorted({row["ARMCD"] for row in adsl}))
    plan.write_text(
        arms.replace("]\n", "]\ncontrol = true\n", 1)
        + '[endpoint.change]\nvalue = "change(hba1c, week 24)"\n[analysis.change]\nendpoint = "change"\n'
    )
    analysed = proband.analyse(run.folder, plan, out=OUT)
    assert len(analysed.findings) > 0 and "change" in analysed.summary


def other_threads_go_on_and_ctrl_c_stops():
    ticks = []
    ticking = threading.Event()

    def tick():
        while not ticking.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    # What was started in the background of a shell ignores Ctrl-C, and so did this test.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    try:
        small(participants=2_000_000)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError("nobody stopped it")
    finally:
        ticking.set()
        thread.join()
        timer.join()
    assert len(ticks) > 20, "the lock was held"


if __name__ == "__main__":
    tests = [
        keywords_are_those_of_the_command_line,
        tables_are_taken_by_polars_pandas_pyarrow_and_duckdb,
        arrow_is_handed_over_and_not_copied,
        a_fault_is_an_exception_with_its_place,
        the_rest_does_what_the_command_line_does,
        other_threads_go_on_and_ctrl_c_stops,
    ]
    for test in tests:
        test()
        print(test.__name__.replace("_", " "), "... ok")
