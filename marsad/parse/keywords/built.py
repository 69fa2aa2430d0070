"""Whether the compiled loops of `_native.c` and `_reading.c` are there."""

try:
    from marsad.parse.keywords import _native, _reading
except ImportError:
    IS_BUILT = False
else:
    # A build of an older source, which lacks one of them, is as good as none.
    IS_BUILT = {"find_spans"} <= set(dir(_native)) and {"number_words", "read_lines"} <= set(
        dir(_reading)
    )
