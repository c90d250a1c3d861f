"""What a person can ask for: prepare, check, convert, submit, reconcile, explain, history."""
