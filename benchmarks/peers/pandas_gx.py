"""pandas, a regular expression a page, Great Expectations on pandas, and DuckDB.

python pandas_gx.py INPUT OUT
"""

import json
import os
import sys
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import duckdb
import great_expectations as gx
import pandas as pd
from page_parser import parse_page


def main(source: Path, out: Path) -> None:
    pages = pd.DataFrame(list(map(parse_page, pd.read_json(source, lines=True)["text"])))
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    definition = (
        context.data_sources.add_pandas("night")
        .add_dataframe_asset("pages")
        .add_batch_definition_whole_dataframe("all")
    )
    suite = context.suites.add(gx.ExpectationSuite(name="pages"))
    for column in ("body", "source"):
        suite.add_expectation(
            gx.expectations.ExpectColumnValuesToNotBeNull(column=column, mostly=0.5)
        )
    suite.add_expectation(
        gx.expectations.ExpectColumnValueLengthsToBeBetween(column="body", min_value=1)
    )
    suite.add_expectation(
        gx.expectations.ExpectColumnValuesToNotMatchRegex(column="body", regex="^المصدر:")
    )
    narrow = pages[["body", "source"]]
    definition.get_batch({"dataframe": narrow}).validate(suite)
    links = pages[["links"]].explode("links").dropna()
    con = duckdb.connect(str(out / "pandas.duckdb"))
    con.register("rows", pages.drop(columns="links"))
    con.execute("create table pages as select * from rows")
    con.register("rows_of_links", links)
    con.execute("create table links as select * from rows_of_links")
    con.close()
    second = int(pages["second_body"].notna().sum())
    print(json.dumps({"pages": len(pages), "second": second, "links": len(links)}))


main(Path(sys.argv[1]), Path(sys.argv[2]))
