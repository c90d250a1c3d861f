"""Sending batches of orders: the loop, its threads, its retries and how it is stopped."""
