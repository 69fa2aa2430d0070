"""A lake on PostgreSQL and S3 is the lake that it would be in a folder."""

import multiprocessing
import os
import signal
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from lake_nights import MIXED, SQL, one, publish_pages, rows_of

from marsad.errors import LakeError, LakeLockedError
from marsad.lake.connect import lake_exists, open_lake
from marsad.lake.files import broken_files, unknown_files
from marsad.lake.integrity import failed_checks, repeated_keys
from marsad.lake.lock import writer_lock
from marsad.lake.maintain import Retention, maintain_lake
from marsad.place import Place

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("servers")]


def test_rows_are_those_of_an_embedded_lake(place: Place, tmp_path: Path) -> None:
    assert not lake_exists(place)
    for lake in (place, tmp_path / "embedded"):
        publish_pages(lake, MIXED[:3], "one", rejected=[2])
        publish_pages(lake, MIXED[3:], "two", day=2)
    expected = rows_of(tmp_path / "embedded")
    assert expected["articles"]
    assert rows_of(place) == expected
    assert not list(place.folder.rglob("data/**/*.parquet"))
    with open_lake(place) as con:
        assert broken_files(con, place) == []
        assert unknown_files(con, place) == []
        assert [*repeated_keys(con), *failed_checks(con, SQL)] == []


@pytest.mark.heavy
def test_a_reader_in_a_transaction_keeps_its_rows_while_files_are_merged(place: Place) -> None:
    for number, page in enumerate(MIXED[:3]):
        publish_pages(place, [page], str(number), day=number + 1)
    with open_lake(place) as reader:
        reader.execute("begin")
        before = reader.execute("select count(*) from news.pages").fetchone()
        done = maintain_lake(place, Retention(days=0, runs=1))
        assert not done.is_merge_put_off
        assert done.n_files_merged > 0
        assert before == (3,)
        assert reader.execute("select count(*) from news.pages").fetchone() == before
        assert reader.execute("select count(*), max(body) from news.articles").fetchone()
    assert one(place, "select count(*) from news.pages") == 3


def _hold_lock(place: Place, holding: Event) -> None:
    with writer_lock(place):
        holding.set()
        signal.pause()


def test_one_writer_whichever_machine_until_it_dies(place: Place, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    holding = context.Event()
    holder = context.Process(target=_hold_lock, args=(place, holding))
    holder.start()
    # Another machine has another folder, so that only PostgreSQL knows of both.
    elsewhere = replace(place, folder=tmp_path / "there")
    waited: list[bool] = []
    try:
        assert holding.wait(60)
        with pytest.raises(LakeLockedError, match="another run is writing"), writer_lock(elsewhere):
            pass
        assert holder.pid is not None
        kill = (holder.pid, signal.SIGKILL)
        with writer_lock(elsewhere, wait=True, on_wait=lambda: waited.append(bool(os.kill(*kill)))):
            assert waited == [False]
    finally:
        holder.kill()
        holder.join(30)


def test_data_elsewhere_is_refused_and_no_password_is_told(place: Place) -> None:
    publish_pages(place, MIXED[:1], "one")
    with pytest.raises(LakeError, match="set MARSAD_DATA to s3://lake/") as wrong:
        open_lake(replace(place, data=None, s3=None)).__enter__()
    assert place.catalog is not None and place.s3 is not None and place.catalog.password
    unreachable = replace(place.catalog, conninfo="host=127.0.0.1 port=1 dbname=x user=marsad")
    with pytest.raises(LakeError, match="cannot be used") as refused:
        open_lake(replace(place, catalog=unreachable)).__enter__()
    for said in (str(wrong.value), str(refused.value), repr(place), str(place)):
        assert "\n" not in said
        assert place.catalog.password not in said
        assert place.s3.secret not in said
