"""Making a provider's mapping: drafting it from documents, and checking and testing it."""
