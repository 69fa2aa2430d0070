"""Rules: the reference data that parsing follows, made ready once and frozen."""

from dataclasses import dataclass

from marsad.parse.dates import Months
from marsad.parse.labels import Labels
from marsad.parse.source_index import SourceIndex


@dataclass(frozen=True, slots=True)
class Rules:
    """What parsing needs to know besides the records.

    Attributes:
        labels: the labels of blocks.
        sources: the known sources.
        months: the names of months.
        parser_version: changes whenever the same record may give other rows.
        raw_bytes: how much of a rejected record is kept.
    """

    labels: Labels
    sources: SourceIndex
    months: Months
    parser_version: str
    raw_bytes: int
