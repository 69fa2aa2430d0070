-- Row groups by bytes: by rows alone, a writer would hold a gigabyte of articles before it writes
-- any of them, on one core, and a reader could not pass over parts of a file.

call lake.set_option('parquet_row_group_size_bytes', '32MB');
