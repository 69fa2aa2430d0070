"""Dates: every way of writing them that is known, and none that is a guess."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from hijridate import Gregorian
from hypothesis import given
from hypothesis import strategies as st

from marsad import schema
from marsad.parse.dates import Months, months_of, parse_date, parse_dates

TABLE = Path(__file__).resolve().parents[2] / "data" / "reference" / "months.csv"
MONTHS = months_of(pl.read_csv(TABLE))
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

NIGHT = "2024-02-27"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        # Headers of the aggregator.
        pytest.param("27th, February 2024 GMT", NIGHT, id="header-published"),
        pytest.param("7th, March 2024 GMT", "2024-03-07", id="header-one-digit"),
        pytest.param("1st, March 2024 GMT", "2024-03-01", id="header-first"),
        pytest.param("2025-04-03@04:17:41 GMT", "2025-04-03T04:17:41", id="header-updated"),
        pytest.param("٢٠٢٥-04-٠٣@04:17:٤١ GMT", "2025-04-03T04:17:41", id="header-mixed-digits"),
        pytest.param("تاريخ النشر: 27th, February 2024 GMT", NIGHT, id="header-with-label"),
        # Machines.
        pytest.param("2015-07-21 10:11:12", "2015-07-21T10:11:12", id="sql"),
        pytest.param("2024-02-27", NIGHT, id="iso-day"),
        pytest.param("2024-02-27T10:11:12Z", "2024-02-27T10:11:12", id="iso-utc"),
        pytest.param("2024-02-27T10:11:12+03:00", "2024-02-27T07:11:12", id="iso-offset"),
        pytest.param("2024-02-27T01:11:12+0300", "2024-02-26T22:11:12", id="iso-day-before"),
        pytest.param("2024-02-27T10:11:12.5-05:00", "2024-02-27T15:11:12.5", id="iso-fraction"),
        pytest.param("2024-02-27T10:11", "2024-02-27T10:11:00", id="iso-minutes"),
        pytest.param("20240227", NIGHT, id="digits-day"),
        pytest.param("20240227101112", "2024-02-27T10:11:12", id="digits-crawl"),
        pytest.param("20240227T101112Z", "2024-02-27T10:11:12", id="iso-basic"),
        pytest.param("Tue, 27 Feb 2024 10:11:12 +0300", "2024-02-27T07:11:12", id="rfc-2822"),
        pytest.param("27 Feb 2024 10:11:12 EST", "2024-02-27T15:11:12", id="rfc-2822-zone"),
        pytest.param("27 Feb 2024 10:11:12 +0000 (UTC)", "2024-02-27T10:11:12", id="rfc-comment"),
        pytest.param("Tue Feb 27 10:11:12 2024", "2024-02-27T10:11:12", id="asctime"),
        pytest.param(
            "Tue Feb 27 2024 10:11:12 GMT+0300 (Arabian Standard Time)",
            "2024-02-27T07:11:12",
            id="javascript",
        ),
        pytest.param("1709028672", "2024-02-27T10:11:12", id="epoch-seconds"),
        pytest.param("1709028672.25", "2024-02-27T10:11:12.25", id="epoch-fraction"),
        pytest.param("1709028672500", "2024-02-27T10:11:12.5", id="epoch-millis"),
        # Day first, as the Arab press writes.
        pytest.param("27/02/2024", NIGHT, id="day-month-year"),
        pytest.param("03/04/2024", "2024-04-03", id="day-first-where-both-are-possible"),
        pytest.param("٢٧/٢/٢٠٢٤", NIGHT, id="day-month-year-arabic-indic"),
        pytest.param("27-2-2024 22:05", "2024-02-27T22:05:00", id="dashes-and-clock"),
        pytest.param("27.02.2024", NIGHT, id="dots"),
        pytest.param("27 / 2 / 2024 م", NIGHT, id="spaced-anno-domini"),
        pytest.param("الثلاثاء ٢٠٢٤/١٠/٨", "2024-10-08", id="weekday-year-first"),
        pytest.param("۲۰۲۴/۱۰/۸", "2024-10-08", id="persian-digits"),
        pytest.param("\u200f2024/10/08\u200e", "2024-10-08", id="bidi-marks"),
        # The families of month names.
        pytest.param("27 فبراير 2024", NIGHT, id="month-gulf"),
        pytest.param("الثلاثاء، 27 فبراير/شباط 2024", NIGHT, id="month-combined"),
        pytest.param("3 كانون الثاني/يناير 2024", "2024-01-03", id="month-combined-two-words"),
        pytest.param("3 كانون الثاني (يناير) 2024", "2024-01-03", id="month-in-brackets"),
        pytest.param("١٥ تشرين الأوّل ٢٠٢٣", "2023-10-15", id="month-levant"),
        pytest.param("5 جانفي 2024", "2024-01-05", id="month-maghreb"),
        pytest.param("14 جويلية 2024", "2024-07-14", id="month-algeria"),
        pytest.param("20 غشت 2023", "2023-08-20", id="month-morocco"),
        pytest.param("30 من إبريل عام 2024", "2024-04-30", id="month-with-of-and-year"),
        pytest.param("٢٧فبراير٢٠٢٤", NIGHT, id="month-without-spaces"),
        pytest.param("فبراير 27, 2024", NIGHT, id="month-first"),
        pytest.param("February 27th, 2024", NIGHT, id="english-month-first"),
        pytest.param("mardi 1er août 2023", "2023-08-01", id="french"),
        pytest.param("27 févr. 2024", NIGHT, id="french-short"),
        # Clocks.
        pytest.param("27 فبراير 2024 - 10:11 ص", "2024-02-27T10:11:00", id="morning"),
        pytest.param("27 فبراير 2024 - 10:11 م", "2024-02-27T22:11:00", id="evening"),
        pytest.param("27 فبراير 2024 الساعة 10:11 مساءً", "2024-02-27T22:11:00", id="evening-word"),
        pytest.param("12:05 ص 27/2/2024", "2024-02-27T00:05:00", id="after-midnight"),
        pytest.param("27/2/2024 12:05 PM", "2024-02-27T12:05:00", id="after-noon"),
        pytest.param(
            "27 فبراير 2024 10:11 بتوقيت غرينتش", "2024-02-27T10:11:00", id="greenwich-in-arabic"
        ),
        pytest.param(
            "27 فبراير 2024 10:11 بتوقيت مكة المكرمة", "2024-02-27T07:11:00", id="mecca-time"
        ),
        # Hijri.
        pytest.param("17 شعبان 1445 هـ", NIGHT, id="hijri"),
        pytest.param("17 شعبان 1445", NIGHT, id="hijri-without-its-mark"),
        pytest.param("١٧/٨/١٤٤٥ هـ", NIGHT, id="hijri-numbers"),
        pytest.param("1445/8/17هـ", NIGHT, id="hijri-year-first"),
        pytest.param("1 ربيع الآخر 1445", "2023-10-16", id="hijri-two-words"),
        pytest.param(
            "الثلاثاء 17 شعبان 1445 هـ الموافق 27 فبراير 2024 م", NIGHT, id="both-calendars"
        ),
        pytest.param("18 شعبان 1445هـ - 27 فبراير 2024م", NIGHT, id="both-calendars-a-day-apart"),
    ],
)
def test_reads(text: str, iso: str) -> None:
    assert parse_date(text, months=MONTHS) == datetime.fromisoformat(iso).replace(tzinfo=UTC)
    times, impossible = parse_dates(pl.Series([text]), months=MONTHS)
    assert times.to_list() == [datetime.fromisoformat(iso).replace(tzinfo=UTC)]
    assert impossible.to_list() == [False]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("31 فبراير 2024", id="no-such-day"),
        pytest.param("2023-02-29", id="no-leap-year"),
        pytest.param("2024-02-30@04:17:41 GMT", id="header-no-such-day"),
        pytest.param("2024/13/01", id="no-such-month"),
        pytest.param("02/27/2024", id="month-before-day"),
        pytest.param("27/02/24", id="year-of-two-digits"),
        pytest.param("27 فبراير", id="no-year"),
        pytest.param("فبراير 2024", id="no-day"),
        pytest.param("10:11", id="no-date"),
        pytest.param("2024", id="year-alone"),
        pytest.param("0000-00-00 00:00:00", id="zeros"),
        pytest.param("0001-01-01T00:00:00Z", id="year-one"),
        pytest.param("1445/08/17", id="calendar-unsaid"),
        pytest.param("30 شعبان 1445 هـ", id="hijri-no-such-day"),
        pytest.param("17 شعبان 1600 هـ", id="hijri-beyond-the-table"),
        pytest.param("27 فبراير 2024 هـ", id="calendars-disagree"),
        pytest.param("27 فبراير/آذار 2024", id="months-disagree"),
        pytest.param("27 فبراير 2024 و 3 مارس 2024", id="two-dates"),
        pytest.param("27/2/2024 25:00", id="no-such-hour"),
        pytest.param("27/2/2024 13:05 ص", id="no-hour-of-the-morning"),
        pytest.param("27/2/2024 12:05 مساء", id="noon-or-midnight"),
        pytest.param("2024-02-27T10:11:12+25:00", id="no-such-offset"),
        pytest.param("27 Feb 2024 10:11 AST", id="zone-of-two-meanings"),
        pytest.param("قبل 3 ساعات", id="relative"),
        pytest.param("قال يوم 27 فبراير 2024 إنه", id="a-sentence"),
        pytest.param("المدينة نيوز", id="no-date-at-all"),
        pytest.param("null", id="null-as-text"),
        pytest.param("\x00\ud800", id="no-text"),
        pytest.param("1" * 100_000, id="very-long"),
    ],
)
def test_never_guesses(text: str) -> None:
    assert parse_date(text, months=MONTHS) is None
    if "\ud800" not in text:
        times, impossible = parse_dates(pl.Series([text]), months=MONTHS)
        assert times.to_list() == [None]
        assert impossible.to_list() == [True]


def test_columns_keep_order_and_nulls() -> None:
    column = pl.Series("raw", [None, "27/2/2024", "", " ", "?", "2024-02-27 00:00:00", "27/2/2024"])
    times, impossible = parse_dates(column, months=MONTHS)
    night = datetime(2024, 2, 27, tzinfo=UTC)
    assert times.dtype == schema.UTC
    assert times.to_list() == [None, night, None, None, None, night, night]
    assert impossible.to_list() == [False, False, False, False, True, False, False]


def test_empty_columns() -> None:
    for values in ([], [None]):
        times, impossible = parse_dates(pl.Series("raw", values, pl.String()), months=MONTHS)
        assert times.dtype == schema.UTC
        assert times.to_list() == values
        assert impossible.to_list() == [False] * len(values)


def test_zone_of_texts_that_name_none() -> None:
    mecca = timezone(timedelta(hours=3))
    column = pl.Series(["2024-02-27 02:00:00", "2024-02-27 02:00:00 GMT", "27 فبراير 2024"])
    times, _ = parse_dates(column, months=MONTHS, default_tz=mecca)
    assert [time.strftime("%d %H") for time in times] == ["26 23", "27 02", "26 21"]


def test_a_name_is_one_month() -> None:
    table = pl.DataFrame(
        {"family": "x", "calendar": "gregorian", "month": [1, 2], "name": ["ماي", "مای"]}
    )
    with pytest.raises(ValueError, match="2 and 1"):
        months_of(table)


def written(moment: datetime, months: Months, form: int) -> str:
    """One moment in one of several ways."""
    names = [name for name, at in months.names.items() if at == ("gregorian", moment.month)]
    name = names[form % len(names)]
    clock = f"{moment:%H:%M:%S}"
    day = f"{moment.day} {name} {moment.year:04}"
    return [
        f"{day} {clock}",
        f"{clock} {day} م".translate(ARABIC_INDIC),
        f"{moment:%d/%m/%Y} {clock}".translate(PERSIAN),
        f"{moment:%Y-%m-%d}@{clock} GMT",
        moment.isoformat(),
        f"{name} {moment.day}, {moment.year:04} {clock} UTC",
        str(int(moment.timestamp())),
    ][form % 7]


@given(
    st.datetimes(
        datetime(2002, 1, 1),  # noqa: DTZ001 (Hypothesis adds the zone)
        datetime(2199, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ).map(lambda moment: moment.replace(microsecond=0)),
    st.integers(0, 40),
)
def test_what_is_written_is_read(moment: datetime, form: int) -> None:
    assert parse_date(written(moment, MONTHS, form), months=MONTHS) == moment


@given(st.dates(date(1930, 1, 1), date(2070, 1, 1)))
def test_hijri_days_are_read(day: date) -> None:
    hijri = Gregorian(day.year, day.month, day.day).to_hijri()
    found = parse_date(f"{hijri.day}/{hijri.month}/{hijri.year} هـ", months=MONTHS)
    assert found is not None and found.date() == day


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), max_size=5))
def test_any_text_is_a_date_or_is_counted(texts: list[str | None]) -> None:
    times, impossible = parse_dates(pl.Series("raw", texts, pl.String()), months=MONTHS)
    for text, time, bad in zip(texts, times, impossible, strict=True):
        blank = not text or pl.Series([text]).str.strip_chars().item() == ""
        assert bad == (not blank and time is None)


@given(st.text("0123456789/-:.+ TZ@", max_size=24))
def test_quick_and_slow_readers_agree(text: str) -> None:
    times, _ = parse_dates(pl.Series([text]), months=MONTHS)
    assert times.to_list() == [parse_date(text, months=MONTHS)]
