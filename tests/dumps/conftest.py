"""Helpers that write dumps and read them back."""

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import archives
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


_zip, _tar = archives.pack_zip, archives.pack_tar

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
    ".zip": lambda name, data: _zip({name: data}),
    ".tar": lambda name, data: _tar({name: data}),
    ".tar.gz": lambda name, data: gzip.compress(_tar({name: data})),
    ".tar.zst": lambda name, data: zstd.compress(_tar({name: data})),
    ".gz.zip": lambda name, data: _zip({f"{name}.gz": gzip.compress(data)}),
    ".zip.zip": lambda name, data: _zip({"inner.zip": _zip({name: data})}),
    ".tar.zip": lambda name, data: _zip({"inner.tar": _tar({name: data})}),
    ".zip.tar.gz": lambda name, data: gzip.compress(_tar({"in.zip": _zip({name: data})})),
}


@pytest.fixture(scope="session")
def pack() -> Callable[[str, str, bytes], bytes]:
    """Pack a file: how, the name it has inside, its bytes."""
    return lambda packing, name, data: _PACKERS[packing](name, data)


@pytest.fixture(scope="session")
def pack_zip() -> Callable[[dict[str, bytes]], bytes]:
    return archives.pack_zip


@pytest.fixture(scope="session")
def pack_tar() -> Callable[..., bytes]:
    return archives.pack_tar


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
            workers=options.get("workers", 1),  # type: ignore[arg-type]
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
