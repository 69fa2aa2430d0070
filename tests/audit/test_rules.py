"""Every shipped rule: it holds over a faultless night, and fails when that one thing is broken.

A case is a line of SQL that spoils the staged night (six pages, nine articles, one reject).
"""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from marsad.audit.run import audit
from marsad.audit.suites import load_suites
from marsad.settings import PROJECT_DIR

SHIPPED = PROJECT_DIR / "expectations"
ONE = "where page_id = (select min(page_id) from staged_pages)"
LABEL = "المصدر"  # "source"

SPOIL = {
    "pages.columns": "alter table staged_pages alter record_no type integer",
    "pages.values_present": f"update staged_pages set dump_id = null {ONE}",
    "pages.page_id_unique": f"insert into staged_pages from staged_pages {ONE}",
    "pages.ids_are_hex": f"update staged_pages set dump_id = 'x' {ONE}",
    "pages.record_no_from_1": f"update staged_pages set record_no = 0 {ONE}",
    "pages.byte_offset_positive": f"update staged_pages set byte_offset = -1 {ONE}",
    "pages.observed_at_present": f"update staged_pages set observed_at = null {ONE}",
    "pages.observed_at_plausible": f"update staged_pages set observed_at = '1970-01-01' {ONE}",
    "pages.published_at_plausible": f"update staged_pages set published_at = '1970-01-01' {ONE}",
    "pages.published_before_observed": (
        f"update staged_pages set published_at = observed_at + to_days(3) {ONE}"
    ),
    "pages.updated_after_published": (
        f"update staged_pages set updated_at = published_at - to_days(2) {ONE}"
    ),
    "pages.title_length": f"update staged_pages set title = repeat('x', 1000) {ONE}",
    "pages.publisher_length": f"update staged_pages set publisher_raw = repeat('x', 200) {ONE}",
    "pages.no_control_characters": f"update staged_pages set title = 'a' || chr(7) {ONE}",
    "pages.url_is_an_address": f"update staged_pages set url = 'javascript:alert(1)' {ONE}",
    "pages.parser_warnings": f"update staged_pages set warnings = ['impossible_date'] {ONE}",
    "articles.columns": "alter table staged_articles alter n_words type integer",
    "articles.values_present": f"update staged_articles set parser_version = null {ONE}",
    "articles.printing_unique": f"insert into staged_articles from staged_articles {ONE}",
    "articles.ids_are_hex": f"update staged_articles set article_id = upper(article_id) {ONE}",
    "articles.role_known": f"update staged_articles set role = 'second' {ONE}",
    "articles.language_known": f"update staged_articles set language = 'xx' {ONE}",
    "articles.body_present": f"update staged_articles set body = '', n_words = 0 {ONE}",
    "articles.no_nul": f"update staged_articles set body = body || chr(0) {ONE}",
    "articles.decoded": f"update staged_articles set body = body || repeat(chr(65533), 5) {ONE}",
    "articles.no_control_characters": f"update staged_articles set body = body || chr(7) {ONE}",
    "articles.no_label_line": (
        f"update staged_articles set body = body || chr(10) || '{LABEL}:' {ONE}"
    ),
    "articles.label_lines_rare": (
        "insert into staged_articles by name "
        f"select staged_articles.* replace (body || chr(10) || '{LABEL} :' as body) "
        "from staged_articles, range(30)"
    ),
    "articles.counts_add_up": f"update staged_articles set n_chars = 100000 {ONE}",
    "articles.id_is_hash_of_body": f"update staged_articles set body = body || 'x' {ONE}",
    "articles.lead_is_first_paragraph": f"update staged_articles set lead = 'x' {ONE}",
    "articles.body_length": f"update staged_articles set body = repeat('x', 500001) {ONE}",
    "sightings.columns": "alter table staged_sightings alter title_rank type integer",
    "sightings.values_present": f"update staged_sightings set observed_at = null {ONE}",
    "sightings.ids_are_hex": f"update staged_sightings set source_id = 'x' {ONE}",
    "sightings.role_known": f"update staged_sightings set role = 'second' {ONE}",
    "sightings.sighting_unique": f"insert into staged_sightings from staged_sightings {ONE}",
    "sightings.one_main_article": "update staged_sightings set role = 'main'",
    "sightings.title_rank_known": f"update staged_sightings set title_rank = 3 {ONE}",
    "sightings.source_rank_known": f"update staged_sightings set source_rank = 4 {ONE}",
    "sightings.source_has_name": f"update staged_sightings set source_raw = null {ONE}",
    "sightings.sources_name_somebody": (
        "insert into staged_sightings by name select staged_sightings.* replace (null as source_id)"
        " from staged_sightings, range(60)"
    ),
    "sightings.title_has_key": f"update staged_sightings set title_key = null {ONE}",
    "sightings.title_length": f"update staged_sightings set title_raw = repeat('x', 1000) {ONE}",
    "sightings.source_length": f"update staged_sightings set source_raw = repeat('x', 200) {ONE}",
    "sightings.source_is_a_name": f"update staged_sightings set source_raw = '2024' {ONE}",
    "sightings.keyword_line_length": (
        f"update staged_sightings set keywords_raw = repeat('x', 5000) {ONE}"
    ),
    "sighting_sources.columns": "alter table staged_sighting_sources alter position type integer",
    "sighting_sources.values_present": f"update staged_sighting_sources set source_id = null {ONE}",
    "sighting_sources.ids_are_hex": f"update staged_sighting_sources set source_id = 'x' {ONE}",
    "sighting_sources.role_known": f"update staged_sighting_sources set role = 'second' {ONE}",
    "sighting_sources.position_unique": (
        f"insert into staged_sighting_sources from staged_sighting_sources {ONE}"
    ),
    "sighting_sources.positions_contiguous": (
        f"update staged_sighting_sources set position = 2 {ONE}"
    ),
    "sources.columns": "alter table staged_sources alter is_known type integer",
    "sources.values_present": "update staged_sources set is_known = null",
    "sources.ids_are_hex": "update staged_sources set source_id = 'x'",
    "sources.name_length": "update staged_sources set name = repeat('x', 200)",
    "sources.name_is_a_name": "update staged_sources set name = '2024'",
    "sources.known_in_one_form": (
        "insert into staged_sources by name "
        "select * replace (name || '!' as name) from staged_sources"
    ),
    "sources.many_unknown": (
        "insert into staged_sources by name "
        "select left(sha256(range::varchar), 32) as source_id, 'x' as name, false as is_known "
        "from range(60)"
    ),
    "keyword_lines.columns": "alter table staged_keyword_lines alter is_delimited type integer",
    "keyword_lines.values_present": f"update staged_keyword_lines set is_delimited = null {ONE}",
    "keyword_lines.ids_are_hex": f"update staged_keyword_lines set article_id = 'x' {ONE}",
    "keyword_lines.line_unique": (
        f"insert into staged_keyword_lines from staged_keyword_lines {ONE}"
    ),
    "keyword_lines.line_present": f"update staged_keyword_lines set keywords_raw = '' {ONE}",
    "keyword_lines.keys_parallel": f"update staged_keyword_lines set keys = ['x'] {ONE}",
    "keyword_lines.spans_parallel": f"update staged_keyword_lines set span_start = [0, 1] {ONE}",
    "keyword_lines.spans_inside": f"update staged_keyword_lines set span_start = [2] {ONE}",
    "article_keywords.columns": "alter table staged_article_keywords alter confidence type float",
    "article_keywords.values_present": (
        f"update staged_article_keywords set confidence = null {ONE}"
    ),
    "article_keywords.ids_are_hex": f"update staged_article_keywords set article_id = 'x' {ONE}",
    "article_keywords.keyword_unique": (
        f"insert into staged_article_keywords from staged_article_keywords {ONE}"
    ),
    "article_keywords.confidence_is_a_share": (
        f"update staged_article_keywords set confidence = 1.5 {ONE}"
    ),
    "article_keywords.position_from_1": f"update staged_article_keywords set position = 0 {ONE}",
    "article_keywords.n_occurrences_from_1": (
        f"update staged_article_keywords set n_occurrences = 0 {ONE}"
    ),
    "article_keywords.positions_add_up": f"update staged_article_keywords set position = 3 {ONE}",
    "article_keywords.keyword_present": f"update staged_article_keywords set keyword = ' ' {ONE}",
    "article_keywords.id_is_hash_of_key": (
        f"update staged_article_keywords set keyword_key = 'x' {ONE}"
    ),
    "article_keywords.keyword_length": (
        f"update staged_article_keywords set keyword = repeat('x', 100) {ONE}"
    ),
    "article_keywords.keyword_is_no_label": (
        f"update staged_article_keywords set keyword = '{LABEL}:' {ONE}"
    ),
    "article_keywords.keywords_per_line": (
        "insert into staged_article_keywords "
        f"select staged_article_keywords.* from staged_article_keywords, range(200) {ONE}"
    ),
    "related_links.columns": "alter table staged_related_links alter position type integer",
    "related_links.values_present": f"update staged_related_links set page_id = null {ONE}",
    "related_links.ids_are_hex": f"update staged_related_links set article_id = 'x' {ONE}",
    "related_links.position_unique": (
        f"insert into staged_related_links from staged_related_links {ONE}"
    ),
    "related_links.positions_contiguous": (
        f"update staged_related_links set position = position + 1 {ONE}"
    ),
    "related_links.title_present": f"update staged_related_links set title = ' ' {ONE}",
    "related_links.title_length": (
        f"update staged_related_links set title = repeat('x', 500) {ONE}"
    ),
    "related_links.links_per_page": (
        "insert into staged_related_links "
        f"select staged_related_links.* from staged_related_links, range(500) {ONE}"
    ),
    "citations.columns": "alter table staged_citations alter char_offset type integer",
    "citations.values_present": f"update staged_citations set citation_raw = null {ONE}",
    "citations.ids_are_hex": f"update staged_citations set source_id = 'x' {ONE}",
    "citations.offset_unique": f"insert into staged_citations from staged_citations {ONE}",
    "citations.char_offset_positive": f"update staged_citations set char_offset = -1 {ONE}",
    "citations.inside_the_body": f"update staged_citations set char_offset = 1000 {ONE}",
    "rejects.columns": "alter table staged_rejects alter record_no type integer",
    "rejects.values_present": "update staged_rejects set rule = null",
    "rejects.reject_id_unique": "insert into staged_rejects from staged_rejects",
    "rejects.ids_are_hex": "update staged_rejects set reject_id = 'x'",
    "rejects.rule_is_a_name": "update staged_rejects set rule = 'Not a name'",
    "rejects.raw_encoding_known": "update staged_rejects set raw_encoding = 'hex'",
    "rejects.raw_form_known": "update staged_rejects set raw_form = 'row'",
    "rejects.raw_kept": "update staged_rejects set raw = null",
    "dumps.values_present": "update staged_dumps set uri = null",
    "dumps.dump_id_unique": "insert into staged_dumps from staged_dumps",
    "dumps.ids_are_hex": "update staged_dumps set dump_id = 'x', sha256 = null",
    "dumps.status_known": "update staged_dumps set status = 'unknown'",
    "dumps.n_bytes_positive": "update staged_dumps set n_bytes = -1",
    "dumps.id_is_hash": "update staged_dumps set sha256 = repeat('0', 64)",
    "dumps.counts_add_up": "update staged_dumps set n_rejects = 8",
    "dumps.none_failed": "update staged_dumps set status = 'failed', error = 'truncated'",
    "dumps.none_empty": "update staged_dumps set n_records = 0",
    "cross_table.records_accounted_for": f"delete from staged_pages {ONE}",
    "cross_table.rejects_kept": "delete from staged_rejects",
    "cross_table.reject_rate": "update staged_dumps set n_records = 100, n_rejects = 21",
    "cross_table.pages_have_dumps": f"update staged_pages set dump_id = repeat('0', 32) {ONE}",
    "cross_table.pages_have_main_articles": (
        f"update staged_pages set main_article_id = repeat('0', 32) {ONE}"
    ),
    "cross_table.sightings_have_pages": f"delete from staged_pages {ONE}",
    "cross_table.sightings_have_articles": f"delete from staged_articles {ONE}",
    "cross_table.sightings_agree_with_pages": (
        f"update staged_sightings set observed_at = now() {ONE}"
    ),
    "cross_table.articles_have_sightings": f"delete from staged_sightings {ONE}",
    "cross_table.sightings_have_first_sources": (
        f"update staged_sightings set source_id = null {ONE}"
    ),
    "cross_table.sighting_sources_have_sightings": f"delete from staged_sightings {ONE}",
    "cross_table.sighting_sources_have_sources": "delete from staged_sources",
    "cross_table.sightings_have_sources": "delete from staged_sources",
    "cross_table.citations_have_articles": f"delete from staged_articles {ONE}",
    "cross_table.citations_have_sources": "delete from staged_sources",
    "cross_table.keyword_lines_have_sightings": f"delete from staged_sightings {ONE}",
    "cross_table.keywords_have_sightings": f"delete from staged_sightings {ONE}",
    "cross_table.links_agree_with_pages": (
        f"update staged_related_links set article_id = null {ONE}"
    ),
    "cross_table.rejects_have_dumps": "update staged_rejects set dump_id = repeat('0', 32)",
}

#: Rules that need more than a line of SQL: `test_volume.py`.
ELSEWHERE = {
    f"volume.{rule}"
    for rule in (
        "volume_low",
        "volume_high",
        "publisher_missing",
        "publisher_low",
        "publisher_high",
        "fill_vanished",
        "fill_fell",
    )
}

RULES = {
    f"{suite.name}.{rule.name}": rule for suite in load_suites([SHIPPED]) for rule in suite.rules
}


def first_of(table: str) -> str:
    """What picks one row of a staged table."""
    return f"where rowid = (select min(rowid) from staged_{table})"


def test_every_shipped_rule_has_a_case() -> None:
    assert set(RULES) == set(SPOIL) | ELSEWHERE


@pytest.mark.parametrize("name", sorted(SPOIL))
def test_a_rule_fails_when_its_one_thing_is_broken(
    night, only: Callable[..., Path], name: str
) -> None:
    suite, rule = name.split(".")
    night.con.execute(SPOIL[name])
    result = audit(night.con, run_id="r1", suites=[only(suite, rule=rule)], docs_dir=None)
    row = result.validations.row(by_predicate=pl.col("expectation") == rule, named=True)
    assert row["success"] is False
    assert row["n_unexpected"] >= 1
    assert row["n_checked"] >= row["n_unexpected"] or name == "pages.parser_warnings"
    assert "cannot be judged" not in row["observed"]
    shipped = RULES[name]
    in_blocked = any(f": {rule}: " in line for line in result.blocked)
    in_warnings = any(f": {rule}: " in line for line in result.warnings)
    in_rejected = rule in result.rejected["rule"].to_list()
    kind = (shipped.severity, shipped.scope)
    assert in_blocked == (kind == ("critical", "batch"))
    assert in_rejected == (kind == ("critical", "row"))
    assert in_warnings == (shipped.severity == "warning")


def test_without_the_folding_macro_the_rule_is_skipped_and_says_so(
    night, only: Callable[..., Path]
) -> None:
    lakeless = type(night)(duckdb.connect())
    lakeless.stage("r1")
    result = audit(lakeless.con, run_id="r1", suites=[only("articles")], docs_dir=None)
    lakeless.con.close()
    row = result.validations.row(
        by_predicate=pl.col("expectation") == "id_is_hash_of_body", named=True
    )
    assert row["success"] and row["n_checked"] == 0
    assert row["observed"] == "skipped: there is no macro fold_ar here"


@pytest.mark.parametrize("rule", ["sightings_have_articles", "citations_have_articles"])
def test_an_article_of_a_night_before_need_not_be_staged_again(
    night, only: Callable[..., Path], rule: str
) -> None:
    text = f"select article_id from staged_articles {ONE}"
    night.con.execute(f"insert into lake.news.articles by name {text}")
    night.con.execute(f"delete from staged_articles where article_id in ({text})")
    folder = only("cross_table", rule=rule)
    assert audit(night.con, run_id="r1", suites=[folder], docs_dir=None).blocked == ()
    night.con.execute("delete from staged_articles")
    (line,) = audit(night.con, run_id="r1", suites=[folder], docs_dir=None).blocked
    known = night.con.execute("select article_id from lake.news.articles").fetchall()
    assert known and all(article_id not in line for (article_id,) in known)


@pytest.mark.parametrize(
    ("suite", "column"),
    [
        ("article_keywords", "page_id"),
        ("article_keywords", "article_id"),
        ("article_keywords", "keyword_id"),
        ("articles", "article_id"),
        ("articles", "page_id"),
        ("citations", "page_id"),
        ("citations", "article_id"),
        ("citations", "source_id"),
        ("keyword_lines", "page_id"),
        ("keyword_lines", "article_id"),
        ("pages", "page_id"),
        ("pages", "dump_id"),
        ("pages", "main_article_id"),
        ("related_links", "page_id"),
        ("related_links", "article_id"),
        ("sighting_sources", "page_id"),
        ("sighting_sources", "article_id"),
        ("sighting_sources", "source_id"),
        ("sightings", "page_id"),
        ("sightings", "article_id"),
        ("sightings", "dump_id"),
        ("sightings", "source_id"),
    ],
)
def test_an_id_is_32_hex_digits_or_none(
    night, only: Callable[..., Path], suite: str, column: str
) -> None:
    folder = only(suite, rule="ids_are_hex")
    wrong = ("repeat('a', 31)", "repeat('a', 33)", "repeat('A', 32)", "repeat('g', 32)", "''")
    for value in wrong:
        night.con.execute(f"update staged_{suite} set {column} = {value} {first_of(suite)}")
        (line,) = audit(night.con, run_id="r1", suites=[folder], docs_dir=None).blocked
        assert " 1 of " in line
    night.con.execute(f"update staged_{suite} set {column} = null")
    assert audit(night.con, run_id="r1", suites=[folder], docs_dir=None).blocked == ()


@pytest.mark.parametrize(
    ("title", "n_chars"),
    [
        ("x" * 500, 500),
        (" " + "x" * 500 + "\N{NO-BREAK SPACE}", 500),
        (" " + "x" * 499, None),
        ("x" * 499 + "\N{IDEOGRAPHIC SPACE}", None),
    ],
    ids=["bare", "between spaces", "after a space", "before a wide space"],
)
def test_spaces_around_a_title_of_a_link_do_not_count(
    night, only: Callable[..., Path], title: str, n_chars: int | None
) -> None:
    first = first_of("related_links")
    night.con.execute(f"update staged_related_links set title = ? {first}", [title])
    result = audit(night.con, run_id="r1", suites=[only("related_links")], docs_dir=None)
    assert [f": {n_chars} characters (" in line for line in result.warnings] == (
        [] if n_chars is None else [True]
    )


@pytest.mark.parametrize("title", ["''", "' '", "chr(160) || chr(12288)", "null"])
def test_a_title_of_nothing_but_spaces_is_empty(
    night, only: Callable[..., Path], title: str
) -> None:
    first = first_of("related_links")
    night.con.execute(f"update staged_related_links set title = {title} {first}")
    folder = only("related_links", rule="title_present")
    assert len(audit(night.con, run_id="r1", suites=[folder], docs_dir=None).blocked) == 1


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{LABEL}: x", True),
        (f"  {LABEL}\ntext", True),
        (f"text\n {LABEL} :", True),
        (f"text\n{LABEL}", False),
        (f"text {LABEL}: x", False),
    ],
    ids=["first line", "first line, alone", "last line", "no colon at the end", "within a line"],
)
def test_a_label_is_found_at_the_start_of_any_line(
    night, only: Callable[..., Path], body: str, found: bool
) -> None:
    night.con.execute(f"update staged_articles set body = ? {first_of('articles')}", [body])
    folder = only("articles", rule="no_label_line")
    warnings = audit(night.con, run_id="r1", suites=[folder], docs_dir=None).warnings
    assert [f"label: {LABEL} (" in line for line in warnings] == ([True] if found else [])
