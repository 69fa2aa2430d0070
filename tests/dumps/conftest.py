"""Helpers that write dumps and read them back."""

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from marsad.dumps.fields import FieldMap, load_fields
from marsad.dumps.plan import Plan, discover
from marsad.dumps.read import read_chunk
from marsad.schema import DUMP_COUNTS, RECORDS, REJECTS
from marsad.settings import PROJECT_DIR, Limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@dataclass(frozen=True)
class Result:
    """All that reading a plan gave."""

    plan: Plan
    records: pl.DataFrame
    rejects: pl.DataFrame
    counts: pl.DataFrame
    n_batches: int

    @property
    def errors(self) -> list[str]:
        return self.counts["error"].drop_nulls().to_list()

    @property
    def rules(self) -> list[str]:
        return self.rejects["rule"].to_list()


def _pack_zip(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def _pack_tar(members: dict[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=format) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


#: Suffix to how a file named `inner` is packed.
_PACKERS: dict[str, Callable[[str, bytes], bytes]] = {
    "": lambda _, data: data,
    ".gz": lambda _, data: gzip.compress(data),
    ".gz+": lambda _, data: (
        gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])
    ),
    ".zst": lambda _, data: zstd.compress(data),
    ".zst+": lambda _, data: zstd.compress(data[:9]) + zstd.compress(data[9:]),
    ".bz2": lambda _, data: bz2.compress(data),
    ".xz": lambda _, data: lzma.compress(data),
    ".zip": lambda name, data: _pack_zip({name: data}),
    ".tar": lambda name, data: _pack_tar({name: data}),
    ".tar.gz": lambda name, data: gzip.compress(_pack_tar({name: data})),
    ".tar.zst": lambda name, data: zstd.compress(_pack_tar({name: data})),
    ".gz.zip": lambda name, data: _pack_zip({f"{name}.gz": gzip.compress(data)}),
    ".zip.zip": lambda name, data: _pack_zip({"inner.zip": _pack_zip({name: data})}),
    ".tar.zip": lambda name, data: _pack_zip({"inner.tar": _pack_tar({name: data})}),
    ".zip.tar.gz": lambda name, data: gzip.compress(_pack_tar({"in.zip": _pack_zip({name: data})})),
}


@pytest.fixture(scope="session")
def pack() -> Callable[[str, str, bytes], bytes]:
    """Pack a file: how, the name it has inside, its bytes."""
    return lambda packing, name, data: _PACKERS[packing](name, data)


@pytest.fixture(scope="session")
def pack_zip() -> Callable[[dict[str, bytes]], bytes]:
    return _pack_zip


@pytest.fixture(scope="session")
def pack_tar() -> Callable[..., bytes]:
    return _pack_tar


@pytest.fixture(scope="session")
def fields() -> FieldMap:
    return load_fields([PROJECT_DIR / "data" / "reference" / "fields.csv"])


@pytest.fixture
def read_all(tmp_path: Path, fields: FieldMap) -> Callable[..., Result]:
    """Discover and read inputs."""

    def read(*inputs: Path | str, limits: Limits | None = None, **options: object) -> Result:
        limits = limits or Limits()
        plan = discover(
            [str(given) for given in inputs],
            limits=limits,
            fields=fields,
            observed=options.get("observed"),  # type: ignore[arg-type]
            known=options.get("known", _nothing),  # type: ignore[arg-type]
            plan_path=tmp_path / "staging" / "plan.parquet",
            progress=None,
        )
        batches = [
            batch
            for number in range(plan.n_chunks)
            for batch in read_chunk(plan.path, number, limits=limits, fields=fields)
        ]
        for batch in batches:
            assert batch.records.schema == RECORDS
            assert batch.rejects.schema == REJECTS
            assert batch.counts.schema == DUMP_COUNTS
        records = pl.concat([RECORDS.to_frame(), *(batch.records for batch in batches)])
        rejects = pl.concat([REJECTS.to_frame(), *(batch.rejects for batch in batches)])
        counts = pl.concat([DUMP_COUNTS.to_frame(), *(batch.counts for batch in batches)])
        assert counts["n_records"].sum() == len(records) + len(rejects)
        assert counts["n_rejects"].sum() == len(rejects)
        return Result(plan, records, rejects, counts, len(batches))

    return read


def _nothing(_: Sequence[str]) -> set[str]:
    return set()
