"""Profiles: what makes one layout of a sheet work for one provider and account."""
