"""A published file of hand-made nights, which what is served is tested on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from lake_nights import Page, publish_pages

from marsad.night.served import serve
from marsad.serve.swap import published_path
from marsad.settings import load_settings

Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[[list[Page]], Ask]]:
    """Publish pages and serve them; the answer asks the published file."""
    opened = []

    def served(pages: list[Page]) -> Ask:
        publish_pages(tmp_path, pages, "one")
        serve(load_settings(lake=tmp_path, workers=1, environ={}))
        con = duckdb.connect(str(published_path(tmp_path)), read_only=True)
        opened.append(con)
        return lambda query: con.execute(query).fetchall()

    yield served
    for con in opened:
        con.close()
