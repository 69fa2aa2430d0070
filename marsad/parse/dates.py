"""Dates: from the ways in which Arabic news pages and feeds write them to points in time.

A date is read whole or not at all: every word of the text has to be part of a date, a time, a time
zone or one of a few words that stand around them. What a reader of the Arab press could not tell
stays null: a year of two digits, a missing year, the month before the day ("02/27/2024"). Where
both orders are possible ("03/04/2024") the day stands first, as the Arab press writes it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

import polars as pl
from hijridate import Hijri

from marsad import schema
from marsad.parse.arabic import fold
from marsad.parse.fold_map import fold_map

#: Longer texts are no dates.
_MAX_CHARS = 160
#: The Gregorian years of news; others are mistakes ("0001-01-01") or another calendar.
_YEARS = range(1800, 2201)

#: Signs that mean something in a date; every other sign is a space.
_SIGNS = "/-:+.,@"

_CLOCK: Final = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?(?![\d:])"
    r"(?:\s*(?P<half>[ap]\.?m\b\.?|صباحا|مساءا?|ظهرا|[صم]\b))?"  # morning, evening, noon
    r"(?:\s*(?P<utc>gmt|utc|z)\b)?"
    r"(?:\s*(?P<offset>[+-]\d\d?(?::?\d\d)?)(?![\d/.:-]))?"
)
_STAMP: Final = r"^(\d{4}-\d\d-\d\d)[@T ](\d\d:\d\d:\d\d)( GMT|Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?$"
_EPOCH: Final = re.compile(r"([1-9]\d{9})(?:\.(\d{1,9})|(\d{3}))?")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:t?(\d\d)(\d\d)(\d\d)z?)?")
#: What JavaScript and RFC 2822 add to an offset: its name, in brackets.
_ZONE_NAME: Final = re.compile(r"(?<=[+-]\d{4})\s*\([^()]*\)\s*$")

#: Zones that have one meaning, in minutes: RFC 2822's, Greenwich in Arabic, and Mecca's.
_ZONES: Final = {
    fold(name): minutes
    for name, minutes in {
        "GMT": 0, "UTC": 0, "UT": 0, "Z": 0,
        "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
        "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
        "بتوقيت غرينتش": 0, "بتوقيت جرينتش": 0, "بتوقيت غرينيتش": 0,
        "بتوقيت مكة": 180, "بتوقيت مكة المكرمة": 180, "بتوقيت السعودية": 180,
    }.items()
}  # fmt: skip
_ZONE: Final = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_ZONES, key=len, reverse=True))})(?!\w)")

#: Words around a date that say nothing more of it: weekdays, and the likes of "on", "at", "A.D.".
_AROUND: Final = frozenset(
    fold(
        "السبت الأحد الإثنين الثلاثاء الثلثاء الأربعاء الخميس الجمعة يوم في بتاريخ تاريخ النشر نشر"
        " الموافق الساعة آخر تحديث م ميلادي ميلادية شنبه یکشنبه دوشنبه سهشنبه سه چهارشنبه پنجشنبه"
        " جمعه ساعت saturday sunday monday tuesday wednesday thursday friday sat sun mon tue tues"
        " wed thu thur thurs fri at on the published updated date t samedi dimanche lundi mardi"
        " mercredi jeudi vendredi le à"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Months:
    """Names of months, and the patterns of dates that are made of them.

    Attributes:
        names: folded name to calendar (`gregorian` or `hijri`) and month, from 1.
        dates: patterns with the groups year, month or name and other, day, and hijri.
    """

    names: dict[str, tuple[str, int]]
    dates: tuple[re.Pattern[str], ...]


def months_of(table: pl.DataFrame) -> Months:
    """Make the names of months usable.

    Args:
        table: `data/reference/months.csv`: family, calendar, month, name.

    Raises:
        ValueError: a name stands for two months.
    """
    names: dict[str, tuple[str, int]] = {}
    for calendar, month, name in table.select("calendar", "month", "name").iter_rows():
        known = names.setdefault(fold(name), (calendar, int(month)))
        if known != (calendar, int(month)):
            raise ValueError(f"months: {name} is month {month} and {known[1]}")
    one = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    name = rf"(?<![^\W\d_])(?P<name>{one})(?:\s*[/-]?\s*(?P<other>{one}))?(?![^\W\d_])"
    year, day = r"(?P<year>\d{4})", r"(?P<day>\d{1,2})"
    nth = r"(?:(?:st|nd|rd|th|er)\b)?"
    gap = r"[\s,./-]*"
    of = rf"(?:{fold('من')}\s|of\s|de\s)?"
    in_year = rf"(?:{fold('عام')}\s|{fold('سنة')}\s)?"
    hijri = rf"(?:\s*(?P<hijri>{fold('هـ')}|{fold('هجري')}|{fold('هجرية')})(?!\w))?"
    forms = (
        rf"{year}(?P<sign>[/.-])(?P<month>\d{{1,2}})(?P=sign){day}(?![\d/]){hijri}",
        rf"{day}\s?(?P<sign>[/.-])\s?(?P<month>\d{{1,2}})\s?(?P=sign)\s?{year}(?![\d/]){hijri}",
        rf"{day}{nth}{gap}{of}{name}{gap}{in_year}{year}(?!\d){hijri}",
        rf"{name}{gap}{day}{nth}{gap}{year}(?!\d){hijri}",
        rf"{year}{gap}{name}{gap}{day}{nth}(?!\d){hijri}",
    )
    return Months(names, tuple(re.compile(rf"(?<![\d/.-]){form}") for form in forms))


def parse_dates(
    s: pl.Series, *, months: Months, default_tz: tzinfo = UTC
) -> tuple[pl.Series, pl.Series]:
    """Read dates; never a guess.

    Example: "الثلاثاء ٢٠٢٤/١٠/٨" (Tuesday 8 October 2024) is 2024-10-08 00:00 UTC.

    Args:
        s: String; null or blank where there is no date.
        months: see `months_of`.
        default_tz: zone of texts that name none.

    Returns:
        Points in time (UTC, microseconds), and where a text was not blank but gave none (Boolean).
    """
    text = pl.col("text")
    parts = text.str.extract_groups(_STAMP).struct
    zone = parts.field("3").replace([" GMT", "Z"], ["+00:00", "+00:00"])
    if default_tz is UTC:
        zone = zone.fill_null("+00:00")
    stamp = (parts.field("1") + parts.field("2") + zone).str.to_datetime(
        "%Y-%m-%d%H:%M:%S%z", time_unit="us", time_zone="UTC", strict=False
    )
    read = (
        pl.LazyFrame({"text": s})
        .select("text", stamp=stamp, is_blank=text.str.strip_chars().fill_null("") == "")
        .with_columns(
            stamp=pl.when(pl.col("stamp").dt.year().is_between(_YEARS[0], _YEARS[-1])).then("stamp")
        )
        .with_columns(is_unread=pl.col("stamp").is_null() & ~pl.col("is_blank"))
        .collect()
    )
    times, is_unread = read["stamp"].alias(s.name), read["is_unread"]
    if is_unread.any():
        rest = s.filter(is_unread).unique()
        found = [
            parse_date(value, months=months, default_tz=default_tz) for value in rest.to_list()
        ]
        slow = s.replace_strict(
            rest, pl.Series(found, dtype=schema.UTC), default=None, return_dtype=schema.UTC
        )
        times = times.zip_with(~is_unread, slow)
        is_unread &= times.is_null()
    return times, is_unread


def parse_date(text: str, *, months: Months, default_tz: tzinfo = UTC) -> datetime | None:
    """Read one date, see `parse_dates`; None where it is no date, or an impossible one."""
    if len(text) > _MAX_CHARS:
        return None
    folds, text = fold_map(), _ZONE_NAME.sub("", text)
    plain = "".join(char if char in _SIGNS else folds.get(ord(char), char) for char in text).strip()
    try:
        return _digits(plain, default_tz) or _written(plain, months, default_tz)
    except (ValueError, OverflowError):  # no calendar has such a day, or no clock such a time
        return None


def _digits(text: str, default_tz: tzinfo) -> datetime | None:
    """Read seconds or milliseconds since 1970, and digits alone (20240227, 20240227101112)."""
    if match := _EPOCH.fullmatch(text):
        seconds, fraction, millis = match.groups("")
        micros = int((fraction or millis).ljust(6, "0")[:6])
        return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=micros)
    if match := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second = map(int, match.groups("0"))
        at = time(hour, minute, second)
        return _utc(_gregorian(year, month, day), at, UTC if text[-1] == "z" else default_tz)
    return None


def _written(text: str, months: Months, default_tz: tzinfo) -> datetime | None:
    """Take clock, dates and zone out of the text; no other word than `_AROUND` may be left."""
    at, zone = time(), None
    if match := _CLOCK.search(text):
        at, zone = _clock(match)
        text = f"{text[: match.start()]} {text[match.end() :]}"
    matches: list[re.Match[str]] = []
    for form in months.dates:
        matches += form.finditer(text)
        text = form.sub(" ", text)
    named = set(_ZONE.findall(text))
    words = re.split(r"[\s,./:@-]+", _ZONE.sub(" ", text))
    day = _day([match.groupdict() for match in matches], months.names)
    if day is None or len(named) > 1 or not _AROUND.issuperset(filter(None, words)):
        return None
    if zone is None and named:
        zone = timezone(timedelta(minutes=_ZONES[named.pop()]))
    return _utc(day, at, zone or default_tz)


def _clock(match: re.Match[str]) -> tuple[time, tzinfo | None]:
    """Return the time and, where it stands beside it, the zone."""
    hour, half = int(match["hour"]), match["half"]
    if half and half[0] in "aص":  # صباحا: in the morning
        if hour > 12:
            raise ValueError("no hour of the morning")
        hour %= 12
    elif half:
        # "12 in the evening" is noon to a form and midnight to a reader.
        if hour == 0 or (hour == 12 and half.startswith("مساء")):
            raise ValueError("no hour of the afternoon, or two")
        hour = hour if hour >= 12 else hour + 12
    micros = int((match["fraction"] or "").ljust(6, "0")[:6])
    at = time(hour, int(match["minute"]), int(match["second"] or 0), micros)
    if match["offset"] is None:
        return at, UTC if match["utc"] else None
    digits = match["offset"][1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        raise ValueError("no place on Earth has this offset")
    ahead = timedelta(hours=hours, minutes=minutes)
    return at, timezone(-ahead if match["offset"][0] == "-" else ahead)


def _day(found: list[dict[str, str]], names: dict[str, tuple[str, int]]) -> date | None:
    """Return the day that all of what was found means; None if there is none, or two."""
    gregorian: list[tuple[int, int, int]] = []
    hijri: list[tuple[int, int, int]] = []
    for groups in found:
        written = {names[groups[key]] for key in ("name", "other") if groups.get(key)}
        marked = {"hijri"} if groups["hijri"] else set()
        calendars = marked | {calendar for calendar, _ in written}
        if len(written) > 1 or len(calendars) > 1:
            return None
        calendar = calendars.pop() if calendars else "gregorian"
        month = written.pop()[1] if written else int(groups["month"])
        numbers = (int(groups["year"]), month, int(groups["day"]))
        (hijri if calendar == "hijri" else gregorian).append(numbers)
    # Who gives both calendars means the Gregorian day: sightings of the moon differ by a day.
    days = set(gregorian or hijri)
    if len(days) != 1:
        return None
    return _gregorian(*days.pop()) if gregorian else _from_hijri(*days.pop())


def _gregorian(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise ValueError("not a year of news")
    return date(year, month, day)


def _from_hijri(year: int, month: int, day: int) -> date:
    converted = Hijri(year, month, day).to_gregorian()
    return date(converted.year, converted.month, converted.day)


def _utc(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
