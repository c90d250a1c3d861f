"""No order lost or sent twice: runs killed at any moment, compared with the provider.

Each program here runs by hand at any size: `python -m tests.reliability.kill --help`, and `crowd`,
`mutants` and `soak` beside it. `tests/test_reliability.py` runs a small size of them.
"""
