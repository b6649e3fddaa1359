"""`python -m etl STAGE`: the same commands as `ghirbal`."""

from etl.cli import run

run()
