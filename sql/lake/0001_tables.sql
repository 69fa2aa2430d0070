-- The tables of the lake. Names and columns are a contract: more may be added, none changes meaning.

create schema news;
create schema model;
create schema if not exists ops;

-- grain: one dump file, by content
create table ops.dumps (
    dump_id varchar,
    uri varchar,
    format varchar,
    n_bytes bigint,
    sha256 varchar,
    n_records bigint,
    n_rejects bigint,
    run_id varchar,
    status varchar,
    error varchar
);
comment on table ops.dumps is 'One row for each dump file, by content: a changed file under an old name is a new dump.';
comment on column ops.dumps.dump_id is 'SHA-256 of the file''s bytes, cut to 128 bits, in hex.';
comment on column ops.dumps.uri is 'Where the file was found.';
comment on column ops.dumps.format is 'Format of its records: txt, json, jsonl, csv, parquet, or the archive''s: zip, tar.';
comment on column ops.dumps.n_bytes is 'Size of the file as stored, in bytes.';
comment on column ops.dumps.sha256 is 'SHA-256 of the file''s bytes, in hex; null where the file could not be read.';
comment on column ops.dumps.n_records is 'Records read, rejected ones among them.';
comment on column ops.dumps.n_rejects is 'Records rejected, see ops.rejects.';
comment on column ops.dumps.run_id is 'The run that last read the dump.';
comment on column ops.dumps.status is 'published, or failed: nothing of a failed dump is published, and the next run tries it again.';
comment on column ops.dumps.error is 'Why the dump failed, in one line with the place; null when published.';

-- grain: one run
create table ops.runs (
    run_id varchar,
    started_at timestamptz,
    finished_at timestamptz,
    status varchar,
    snapshot_id bigint,
    n_records bigint,
    n_articles_new bigint,
    n_rejects bigint,
    parser_version varchar,
    error varchar,
    kind varchar,
    n_pages bigint,
    n_sightings bigint,
    n_related_links bigint,
    n_article_keywords bigint,
    n_warnings bigint
);
comment on table ops.runs is 'One row for each run that came to an end; a killed run leaves none.';
comment on column ops.runs.run_id is 'Identifier of the run: 32 hex digits, in the order of their starts.';
comment on column ops.runs.started_at is 'When the run began, UTC.';
comment on column ops.runs.finished_at is 'When the run ended, UTC.';
comment on column ops.runs.status is 'published, nothing_new, blocked (an audit failed) or failed (an error).';
comment on column ops.runs.snapshot_id is 'Snapshot of the lake that the publication made; null when nothing was published.';
comment on column ops.runs.n_records is 'Records read, rejected ones among them.';
comment on column ops.runs.n_articles_new is 'Articles that the lake did not hold before.';
comment on column ops.runs.n_rejects is 'Records rejected by reading, parsing or the audit.';
comment on column ops.runs.parser_version is 'Version of the parser that read the records.';
comment on column ops.runs.error is 'Why the run was blocked or failed, in one line; null otherwise.';
comment on column ops.runs.kind is 'What was run: nightly, backfill, replay, relearn, rollback or maintain.';
comment on column ops.runs.n_pages is 'Pages published.';
comment on column ops.runs.n_sightings is 'Sightings published.';
comment on column ops.runs.n_related_links is 'Related links published.';
comment on column ops.runs.n_article_keywords is 'Rows of news.article_keywords written.';
comment on column ops.runs.n_warnings is 'Expectations of severity warning that failed.';

-- grain: one rejected record
create table ops.rejects (
    reject_id varchar,
    dump_id varchar,
    member varchar,
    record_no bigint,
    byte_offset bigint,
    rule varchar,
    detail varchar,
    raw varchar,
    run_id varchar,
    status varchar,
    raw_encoding varchar
);
comment on table ops.rejects is 'One row for each record that was rejected: kept, so that it can be looked at and replayed.';
comment on column ops.rejects.reject_id is 'Hash of dump, member, record and rule.';
comment on column ops.rejects.dump_id is 'The dump that holds the record.';
comment on column ops.rejects.member is 'Member of the archive; null outside archives.';
comment on column ops.rejects.record_no is 'Number of the record in its file or member, from 1; for JSON Lines the line.';
comment on column ops.rejects.byte_offset is 'First byte of the record in the decompressed file or member, from 0.';
comment on column ops.rejects.rule is 'The rule that rejected it, as a short name.';
comment on column ops.rejects.detail is 'What exactly was wrong, in one line.';
comment on column ops.rejects.raw is 'The record as text, or base64 when it is no text; long ones are cut, and detail says so.';
comment on column ops.rejects.run_id is 'The run that rejected it.';
comment on column ops.rejects.status is 'open, replayed (a later run published it) or waived (a person gave it up).';
comment on column ops.rejects.raw_encoding is 'How raw is written: text or base64.';

-- grain: one expectation in one run
create table ops.validations (
    run_id varchar,
    suite varchar,
    expectation varchar,
    severity varchar,
    success boolean,
    n_checked bigint,
    n_unexpected bigint,
    observed varchar,
    description varchar
);
comment on table ops.validations is 'One row for each expectation in each audited run.';
comment on column ops.validations.run_id is 'The run that was audited.';
comment on column ops.validations.suite is 'The suite that holds the expectation, a file in expectations/.';
comment on column ops.validations.expectation is 'The expectation: its rule name, else its type and column.';
comment on column ops.validations.severity is 'critical (rejects the row or blocks the run), warning or info.';
comment on column ops.validations.success is 'Whether the expectation held.';
comment on column ops.validations.n_checked is 'Rows it looked at, where it counts rows.';
comment on column ops.validations.n_unexpected is 'Rows that broke it.';
comment on column ops.validations.observed is 'What was found, with the figure and its baseline.';
comment on column ops.validations.description is 'What the expectation means, for a reader.';

-- grain: one page in one dump
create table news.pages (
    page_id varchar,
    dump_id varchar,
    member varchar,
    record_no bigint,
    byte_offset bigint,
    url varchar,
    title varchar,
    publisher_raw varchar,
    author varchar,
    published_at timestamptz,
    updated_at timestamptz,
    observed_at timestamptz,
    main_article_id varchar,
    signature varchar,
    promotion varchar,
    contact varchar,
    warnings varchar[]
);
comment on table news.pages is 'One row for each page (or structured record) in each dump: where every other row comes from.';
comment on column news.pages.page_id is 'Hash of dump, member and record number.';
comment on column news.pages.dump_id is 'The dump that holds the page, see ops.dumps.';
comment on column news.pages.member is 'Member of the archive; null outside archives.';
comment on column news.pages.record_no is 'Number of the record in its file or member, from 1.';
comment on column news.pages.byte_offset is 'First byte of the record in the decompressed file or member, from 0.';
comment on column news.pages.url is 'Address of the page, where the record gives one.';
comment on column news.pages.title is 'Title that this page gives its main article.';
comment on column news.pages.publisher_raw is 'Publisher as the page header or the record prints it.';
comment on column news.pages.author is 'Author as the record gives it.';
comment on column news.pages.published_at is 'When the page says it was published, UTC; null when it does not say, or says an impossible date.';
comment on column news.pages.updated_at is 'When the page says it was updated, UTC.';
comment on column news.pages.observed_at is 'When the page was seen: the record''s own date, else the caller''s, else one in the path, else the file''s.';
comment on column news.pages.main_article_id is 'The page''s main article, see news.articles.';
comment on column news.pages.signature is 'Author, place and date lines that stand between body and source, one a line.';
comment on column news.pages.promotion is 'Lines that promote ("appeared first on", "follow us"), one a line.';
comment on column news.pages.contact is 'E-mail addresses and handles that stand alone, one a line.';
comment on column news.pages.warnings is 'What was odd but no reason to reject, e.g. impossible_date.';

-- grain: one distinct text
create table news.articles (
    article_id varchar,
    title varchar,
    title_key varchar,
    lead varchar,
    body varchar,
    source_id varchar,
    published_at timestamptz,
    first_seen_at timestamptz,
    n_paragraphs bigint,
    n_words bigint,
    n_chars bigint,
    language varchar,
    keywords_raw varchar,
    parser_version varchar,
    title_basis varchar,
    source_basis varchar,
    published_basis varchar,
    body_basis varchar,
    keywords_basis varchar
);
comment on table news.articles is 'One row for each distinct text, whichever pages, titles and sources it was seen with.';
comment on column news.articles.article_id is 'Hash of the folded body alone: the same text is the same article.';
comment on column news.articles.title is 'Best title that any sighting gives: structured field, page header, read-also title; then the earliest.';
comment on column news.articles.title_key is 'Folded title, see fold_ar.';
comment on column news.articles.lead is 'First paragraph of the body.';
comment on column news.articles.body is 'The text, as its best sighting prints it; paragraphs by a blank line.';
comment on column news.articles.source_id is 'Best source that any sighting gives, see news.sources.';
comment on column news.articles.published_at is 'When it was published, as its best sighting says, UTC.';
comment on column news.articles.first_seen_at is 'Earliest observed_at of its sightings, UTC.';
comment on column news.articles.n_paragraphs is 'Paragraphs of the body.';
comment on column news.articles.n_words is 'Words of the folded body.';
comment on column news.articles.n_chars is 'Characters (code points) of the body.';
comment on column news.articles.language is 'ISO 639-1 code (ar, fa, ku, en, fr), else other.';
comment on column news.articles.keywords_raw is 'Keyword line as its best sighting prints it.';
comment on column news.articles.parser_version is 'Version of the parser that read the body.';
comment on column news.articles.title_basis is 'Where the title comes from: rank|observed_at|page_id; the least wins.';
comment on column news.articles.source_basis is 'Where the source comes from: rank|observed_at|page_id; the least wins.';
comment on column news.articles.published_basis is 'Where published_at comes from: rank|observed_at|page_id; the least wins.';
comment on column news.articles.body_basis is 'Where the printed body comes from: rank|observed_at|page_id; the least wins.';
comment on column news.articles.keywords_basis is 'Where the keyword line comes from: rank|observed_at|page_id; the least wins.';

-- grain: one article in one role on one page
create table news.sightings (
    page_id varchar,
    article_id varchar,
    role varchar,
    title_raw varchar,
    source_raw varchar,
    source_id varchar,
    observed_at timestamptz,
    published_at timestamptz,
    keywords_raw varchar
);
comment on table news.sightings is 'One row for each article on each page: what that page says of it.';
comment on column news.sightings.page_id is 'The page, see news.pages.';
comment on column news.sightings.article_id is 'The article, see news.articles.';
comment on column news.sightings.role is 'main, or read_also: the second article that aggregators embed.';
comment on column news.sightings.title_raw is 'Title as this page prints it.';
comment on column news.sightings.source_raw is 'Source as this page prints it.';
comment on column news.sightings.source_id is 'First source that source_raw names, see news.sources.';
comment on column news.sightings.observed_at is 'When the page was seen, UTC.';
comment on column news.sightings.published_at is 'When this page says the article was published, UTC.';
comment on column news.sightings.keywords_raw is 'Keyword line as this page prints it.';

-- grain: one source named by one sighting
create table news.sighting_sources (
    page_id varchar,
    article_id varchar,
    role varchar,
    position bigint,
    source_id varchar
);
comment on table news.sighting_sources is 'One row for each source that a sighting names: "Reuters + agencies" names two.';
comment on column news.sighting_sources.page_id is 'The page, see news.pages.';
comment on column news.sighting_sources.article_id is 'The article, see news.articles.';
comment on column news.sighting_sources.role is 'Role of the article on the page: main or read_also.';
comment on column news.sighting_sources.position is 'Place of the source in source_raw, from 1.';
comment on column news.sighting_sources.source_id is 'The source, see news.sources.';

-- grain: one publisher or agency
create table news.sources (
    source_id varchar,
    name varchar,
    name_en varchar,
    kind varchar,
    country varchar,
    is_known boolean,
    domain varchar
);
comment on table news.sources is 'One row for each publisher or agency that a sighting or a citation names.';
comment on column news.sources.source_id is 'Hash of the reference identifier, or of the folded name of an unknown one.';
comment on column news.sources.name is 'Name in Arabic; of an unknown source as printed.';
comment on column news.sources.name_en is 'Name in English; null when unknown.';
comment on column news.sources.kind is 'agency, newspaper, television, radio, portal, magazine, aggregator, government …; null when unknown.';
comment on column news.sources.country is 'ISO 3166 code of its country; null for international and unknown ones.';
comment on column news.sources.is_known is 'Whether data/reference/sources.csv holds it.';
comment on column news.sources.domain is 'Its web domain, where known.';

-- grain: one keyword
create table news.keywords (
    keyword_id varchar,
    keyword varchar,
    keyword_key varchar
);
comment on table news.keywords is 'One row for each keyword; forms that fold alike are one.';
comment on column news.keywords.keyword_id is 'Hash of keyword_key.';
comment on column news.keywords.keyword is 'The commonest form, for display.';
comment on column news.keywords.keyword_key is 'Folded form, see fold_ar.';

-- grain: one keyword of one article
create table news.article_keywords (
    article_id varchar,
    keyword_id varchar,
    position bigint,
    n_occurrences bigint,
    confidence double,
    keyword_raw varchar
);
comment on table news.article_keywords is 'One row for each keyword of each article.';
comment on column news.article_keywords.article_id is 'The article, see news.articles.';
comment on column news.article_keywords.keyword_id is 'The keyword, see news.keywords.';
comment on column news.article_keywords.position is 'Place of its first occurrence among the keywords of the line, from 1.';
comment on column news.article_keywords.n_occurrences is 'How often the line holds it.';
comment on column news.article_keywords.confidence is 'Probability that the line was cut rightly here, 0 to 1; 1 for delimited lines.';
comment on column news.article_keywords.keyword_raw is 'The form that this article''s line prints.';

-- grain: one link on one page
create table news.related_links (
    page_id varchar,
    article_id varchar,
    position bigint,
    title varchar,
    title_key varchar,
    url varchar,
    target_article_id varchar,
    match varchar,
    score double
);
comment on table news.related_links is 'One row for each related link on each page, with the article it leads to once the lake holds it.';
comment on column news.related_links.page_id is 'The page, see news.pages.';
comment on column news.related_links.article_id is 'The page''s main article.';
comment on column news.related_links.position is 'Place in the list, from 1.';
comment on column news.related_links.title is 'Title as the list prints it.';
comment on column news.related_links.title_key is 'Folded title, see fold_ar.';
comment on column news.related_links.url is 'Address, where the record gives one.';
comment on column news.related_links.target_article_id is 'The article with this title; null while the lake holds none.';
comment on column news.related_links.match is 'How the target was found: exact (folded titles are equal) or near; null while unresolved.';
comment on column news.related_links.score is 'Likeness of the titles, 0 to 1; 1 for exact.';

-- grain: one quotation of a source in one article
create table news.citations (
    article_id varchar,
    char_offset bigint,
    citation_raw varchar,
    source_id varchar
);
comment on table news.citations is 'One row for each time an article''s body quotes an agency or a medium.';
comment on column news.citations.article_id is 'The article, see news.articles.';
comment on column news.citations.char_offset is 'Where the name stands in the body, in characters from 0.';
comment on column news.citations.citation_raw is 'The name as printed.';
comment on column news.citations.source_id is 'The source quoted, see news.sources.';

-- grain: one folded phrase in the counts of one run
create table model.keyword_phrases (
    keyword_key varchar,
    n_delimited bigint,
    n_expected bigint
);
comment on table model.keyword_phrases is 'What keyword lines say of phrases; a phrase''s counts are the sums of its rows.';
comment on column model.keyword_phrases.keyword_key is 'Folded phrase, see fold_ar.';
comment on column model.keyword_phrases.n_delimited is 'Times that it stood between delimiters.';
comment on column model.keyword_phrases.n_expected is 'Times that it was a keyword of an undelimited line, expected, in parts of 65536.';

-- grain: one folded word in the counts of one run
create table model.keyword_words (
    word_key varchar,
    n bigint
);
comment on table model.keyword_words is 'How often words stand in keyword lines; a word''s count is the sum of its rows.';
comment on column model.keyword_words.word_key is 'Folded word, see fold_ar.';
comment on column model.keyword_words.n is 'Times that it stood in a keyword line.';
