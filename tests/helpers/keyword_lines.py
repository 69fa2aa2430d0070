"""Keyword lines for tests: as given, or made of an aggregator's tags."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from marsad.parse.arabic import fold, fold_series
from marsad.parse.keywords import keyword_lines


def lines_of(raw: list[str | None], bodies: list[str] | None = None) -> pl.DataFrame:
    """Return lines with their articles' bodies, one a page."""
    n = len(raw)
    return keyword_lines(
        pl.DataFrame(
            {
                "page_id": [f"p{i}" for i in range(n)],
                "article_id": [f"a{i}" for i in range(n)],
                "observed_at": [datetime(2024, 1, 1, tzinfo=UTC)] * n,
                "keywords_raw": pl.Series(raw, dtype=pl.String),
                "title": pl.Series([None] * n, dtype=pl.String),
                "folded_body": fold_series(pl.Series(bodies or [""] * n, dtype=pl.String)),
            }
        )
    )


def _listed(text: str) -> list[str]:
    return [tag.strip() for tag in text.split("|") if tag.strip()]


#: Tags of the seed page, and others of the same weeks.
SEED_TAGS = _listed(
    """
    ملفات|القوات الأميركية|التحالف الدولي في العراق وسوريا|حماس|سحب القوات الأميركية|
    قصف القوات الأميركية|قوات التحالف|قوات التحالف الدولي|أخبار العراق|
    التحالف الدولي في العراق
    """
)
OTHER_TAGS = _listed(
    """
    إسرائيل|غزة|قطاع غزة|الحرب على غزة|الولايات المتحدة|الرئيس الأميركي|جو بايدن|إيران|
    الحرس الثوري الإيراني|العراق|بغداد|سوريا|داعش|تنظيم داعش|الجيش العراقي|الجيش الإسرائيلي|
    البنتاغون|وزارة الدفاع الأميركية|محمد شياع السوداني|رئيس الوزراء العراقي|
    الفصائل المسلحة|الفصائل العراقية|الحشد الشعبي|كتائب حزب الله|حزب الله|لبنان|اليمن|
    البحر الأحمر|الحوثي|أربيل|إقليم كردستان|النفط|أسعار النفط|أخبار سوريا|أخبار لبنان|
    أخبار العالم|أخبار عاجلة|السعودية|الإمارات|مصر|الأردن|قطر|الدوحة|صفقة تبادل الأسرى|
    وقف إطلاق النار|الأمم المتحدة|مجلس الأمن الدولي|واشنطن|طهران|روسيا|أوكرانيا|الصين|تركيا|
    قاعدة عين الأسد|هجوم بطائرة مسيرة|طائرات مسيرة|الدفاعات الجوية|قوات سوريا الديمقراطية|
    قوات الأمن العراقية|التحالف العربي|التحالف الوطني|الميليشيات العراقية|البرلمان العراقي|
    سحب الثقة|قصف غزة|مفاوضات|الانتخابات الأميركية
    """
)


def aggregator(n: int, salt: int) -> tuple[pl.DataFrame, list[list[str]]]:
    """Make lines of one to four of the seed's tags among others, in no order, and their keys."""
    numbers = np.random.default_rng(salt)
    tags = []
    for _ in range(n):
        ours = numbers.choice(SEED_TAGS, numbers.integers(1, 5), replace=False)
        theirs = numbers.choice(OTHER_TAGS, numbers.integers(3, 9), replace=False)
        line = [str(tag) for tag in (*ours, *theirs)]
        numbers.shuffle(line)
        tags.append(line)
    return lines_of([" ".join(line) for line in tags]), [[fold(t) for t in line] for line in tags]
