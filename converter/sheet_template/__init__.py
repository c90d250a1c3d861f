"""The blank order sheet that goes out."""
