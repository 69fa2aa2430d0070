"""The lake of the sample dumps that many tests read; the fixture `sample_lake` makes it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SampleLake:
    """The sample dumps, ingested by the command line.

    Attributes:
        folder: where `marsad run` ran; the lake is `folder/warehouse`.
        said: what it printed with `--json`.
    """

    folder: Path
    said: dict[str, object]

    @property
    def lake(self) -> Path:
        """The lake, for readers: whoever writes takes a copy."""
        return self.folder / "warehouse"
