"""A folder whose order sheets are submitted as they land in it."""
