"""A product table: declared data of items by SKU, in a file of its own."""
