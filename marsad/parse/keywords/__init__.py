"""Keywords: lines of tags, with delimiters between them or without, become keywords.

`keyword_lines` cuts lines at their delimiters or into words, with the phrases that stand in the
article's own text; `learn` counts what lines hold; `fit` makes a `Model` of the counts;
`segment_lines` cuts the lines.
"""

from marsad.parse.keywords.counts import Counts
from marsad.parse.keywords.learn import fit, learn
from marsad.parse.keywords.lines import keyword_lines
from marsad.parse.keywords.model import Model
from marsad.parse.keywords.segment import cut_lines, segment_lines

__all__ = [
    "Counts",
    "Model",
    "cut_lines",
    "fit",
    "keyword_lines",
    "learn",
    "segment_lines",
]
