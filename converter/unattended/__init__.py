"""Sheets that are submitted with nobody present: of a watched folder, or of a queue."""
