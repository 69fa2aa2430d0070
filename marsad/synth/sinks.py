"""Where dumps are written: one sink a format, fed in the order of the pages."""

import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import IO, Final, Protocol

import polars as pl

from marsad.synth.encode import (
    ARTICLE_FIELDS,
    PAGE_FIELDS,
    STREAMED,
    Record,
    csv_header,
    json_elements,
    values,
)

#: Archives are stamped with this, never with the clock: 1 January 2024.
_ZIP_TIME: Final = (2024, 1, 1, 0, 0, 0)
_TAR_TIME: Final = 1_704_067_200
_ROW_GROUP: Final = 1_000_000  # rows; a piece is one row group, however large


class Sink(Protocol):
    """Takes the records of one night after another, piece by piece."""

    def write(self, day: str, records: list[Record], encoded: bytes) -> None:
        """Append records to the file of a day.

        Args:
            day: the night, `2024-11-18`.
            records: its records; empty where the format has an encoder.
            encoded: the records as bytes, where it has one.
        """

    def close(self) -> None:
        """Finish every file."""


class _Streamed:
    """Encoded pieces one after another."""

    def __init__(self, folder: Path, name: str, head: bytes, joint: bytes, foot: bytes) -> None:
        self._folder, self._name = folder, name
        self._head, self._joint, self._foot = head, joint, foot
        self._files: dict[str, IO[bytes]] = {}

    def write(self, day: str, records: list[Record], encoded: bytes) -> None:
        file = self._files.get(day)
        if file is None:
            file = self._files[day] = _new_file(self._folder / day / self._name)
            file.write(self._head)
        else:
            file.write(self._joint)
        file.write(encoded)

    def close(self) -> None:
        for file in self._files.values():
            file.write(self._foot)
            file.close()


class _PageFiles:
    """A text file for each page, a thousand pages a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, day: str, records: list[Record], encoded: bytes) -> None:
        for record in records:
            path = self._folder / day / page_path(record.number)
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True)
            path.write_bytes(record.text)

    def close(self) -> None:
        pass


class _Zip:
    """One zip a night: a member for each page, or one with an array of all articles."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._archives: dict[str, zipfile.ZipFile] = {}
        self._arrays: dict[str, IO[bytes]] = {}

    def write(self, day: str, records: list[Record], encoded: bytes) -> None:
        archive = self._archives.get(day)
        if archive is None:
            file = _new_file(self._folder / day / self._name)
            archive = self._archives[day] = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        if records[0].title is None:
            for record in records:
                archive.writestr(_zip_member(page_member(record.number)), record.text)
            return
        array = self._arrays.get(day)
        if array is None:
            member = _zip_member(f"{day}.json")
            array = self._arrays[day] = archive.open(member, "w", force_zip64=True)
            array.write(b"[\n")
        else:
            array.write(b",\n")
        array.write(json_elements(records))

    def close(self) -> None:
        for array in self._arrays.values():
            array.write(b"\n]\n")
            array.close()
        for archive in self._archives.values():
            file = archive.fp
            archive.close()
            if file is not None:
                file.close()


class _Tar:
    """One tar a night, a member for each page."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._archives: dict[str, tuple[tarfile.TarFile, IO[bytes]]] = {}

    def write(self, day: str, records: list[Record], encoded: bytes) -> None:
        if day not in self._archives:
            file = _new_file(self._folder / day / self._name)
            self._archives[day] = (tarfile.TarFile(fileobj=file, mode="w"), file)
        archive, _ = self._archives[day]
        for record in records:
            member = tarfile.TarInfo(page_member(record.number))
            member.size, member.mtime = len(record.text), _TAR_TIME
            archive.addfile(member, BytesIO(record.text))
        # TarFile keeps every member in memory, for reading that nobody does here.
        archive.getmembers().clear()

    def close(self) -> None:
        for archive, file in self._archives.values():
            archive.close()
            file.close()


class _Parquet:
    """One Parquet file a night, a row group for each piece; pages as FineWeb-2 has them."""

    def __init__(self, folder: Path, name: str) -> None:
        # Imported here: it costs a third of a second, for this format alone. It has no types.
        import pyarrow.parquet

        self._parquet = pyarrow.parquet
        self._folder, self._name = folder, name
        self._writers: dict[str, pyarrow.parquet.ParquetWriter] = {}

    def write(self, day: str, records: list[Record], encoded: bytes) -> None:
        table = parquet_frame(day, records).to_arrow()
        writer = self._writers.get(day)
        if writer is None:
            path = self._folder / day / self._name
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = self._writers[day] = self._parquet.ParquetWriter(
                path, table.schema, compression="zstd"
            )
        writer.write_table(table, row_group_size=_ROW_GROUP)

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


def parquet_frame(day: str, records: list[Record]) -> pl.DataFrame:
    """Return records as columns: the fields of FineWeb-2 for pages, those of JSON for articles."""
    is_page = records[0].title is None
    names = PAGE_FIELDS if is_page else ARTICLE_FIELDS
    columns = [
        pl.Series(name, column, dtype=pl.Binary).cast(pl.String)
        for name, column in zip(names, zip(*map(values, records), strict=True), strict=True)
    ]
    frame = pl.DataFrame(columns)
    if not is_page:
        return frame
    return frame.select(
        "text",
        pl.Series("id", [f"<urn:page:{record.number}>" for record in records]),
        pl.lit(f"NIGHT-{day}").alias("dump"),
        "url",
        pl.col("date").str.replace(" ", "T", literal=True) + "Z",
        pl.lit(f"s3://crawl/{day}.warc.gz").alias("file_path"),
        pl.lit("arb").alias("language"),
        pl.lit(0.98).alias("language_score"),
        pl.lit("Arab").alias("language_script"),
    )


def page_path(number: int) -> str:
    """Path of a page's own file below its night's folder."""
    return f"{number // 1000:06d}/{number:09d}.txt"


def page_member(number: int) -> str:
    """Name of a page inside an archive."""
    return f"{number:09d}.txt"


def open_sink(folder: Path, form: str, *, is_article: bool) -> Sink:
    """Return the sink for a format.

    Args:
        folder: of the dumps; nights become folders in it.
        form: one of `marsad.synth.generate.FORMATS`.
        is_article: whether records are structured articles.
    """
    if form == "txt":
        return _PageFiles(folder)
    name = file_name(form, is_article=is_article)
    if form == "zip":
        return _Zip(folder, name)
    if form == "tar":
        return _Tar(folder, name)
    if form == "parquet":
        return _Parquet(folder, name)
    if form not in STREAMED:
        raise ValueError(f"{form}: no such format")
    if form == "json":
        return _Streamed(folder, name, b"[\n", b",\n", b"\n]\n")
    head = csv_header(is_article=is_article) if form == "csv" else b""
    return _Streamed(folder, name, head, b"", b"")


def file_name(form: str, *, is_article: bool) -> str:
    """Name of a night's file below its folder."""
    return f"{'articles' if is_article else 'pages'}.{form}"


def _new_file(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")


def _zip_member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _ZIP_TIME)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
