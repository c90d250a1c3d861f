"""`python -m converter` is the same program as `converter`."""

from converter.cli import main

main()
