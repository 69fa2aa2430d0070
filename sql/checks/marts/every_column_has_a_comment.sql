-- every table and column that readers see says what it means
select
    table_name,
    column_name
from duckdb_columns()
where database_name = 'published' and comment is null
union all
select
    table_name,
    null as column_name
from duckdb_tables()
where database_name = 'published' and comment is null
