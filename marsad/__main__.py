"""Where the command begins, also as `python -m marsad`.

Nothing is imported before Ctrl-C would end in one line.
"""

import sys


def main() -> None:
    """Run the command line, and say in one line that Ctrl-C ended it."""
    try:
        from marsad.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("marsad: interrupted; nothing was published\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
