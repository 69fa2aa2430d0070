-- Files of zstd's first level have six tenths of the bytes that those of Snappy had, the default, for
-- hardly more work to write and as much to read. Those that are there stay as they are.

call lake.set_option('parquet_compression', 'zstd');
call lake.set_option('parquet_compression_level', '1');
