"""Checked lines to orders, rules across fields, payloads and batches."""
