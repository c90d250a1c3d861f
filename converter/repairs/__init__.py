"""Cells that are not written as they are meant: repaired and listed, or asked about."""
