"""``python -m kg`` and the command ``kg``, from the first import on: Ctrl-C while they load is no error either."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line."""
    try:
        from kg.cli import main

        main(prog_name="kg")
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
