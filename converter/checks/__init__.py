"""Each cell of the sheet read and checked: text to typed values, and what is wrong with them."""
