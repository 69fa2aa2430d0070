"""Dates as page headers print them."""

from datetime import date
from typing import Final

_ENGLISH: Final = [
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
]
_SUFFIXES: Final = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
ARABIC_DIGITS: Final = "٠١٢٣٤٥٦٧٨٩"
_TO_ARABIC: Final = str.maketrans("0123456789", ARABIC_DIGITS)


def aggregator_date(day: date) -> str:
    """Return a date as the aggregator prints it: `27th, February 2024 GMT`."""
    return f"{day.day}{_SUFFIXES.get(day.day, 'th')}, {_ENGLISH[day.month - 1]} {day.year} GMT"


def impossible_date(day: date) -> str:
    """Return a date that no calendar has, in the aggregator's form."""
    return f"3{day.day % 2}{'th' if day.day % 2 == 0 else 'st'}, February {day.year} GMT"


def arabic_date(day: date, months: tuple[str, ...], *, arabic_digits: bool) -> str:
    """Return a date in Arabic words: `27 شباط 2024` (27 February 2024)."""
    text = f"{day.day} {months[day.month - 1]} {day.year}"
    return text.translate(_TO_ARABIC) if arabic_digits else text
