"""Whether the compiled loops of `_native.c` are there."""

try:
    from marsad.parse import _native
except ImportError:
    IS_BUILT = False
else:
    # A build of an older source, which lacks one of them, is as good as none.
    IS_BUILT = {"find_hits", "fold_lines", "split_rows", "view_rows"} <= set(dir(_native))
