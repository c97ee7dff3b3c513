"""The commands a person types: what may be typed, what is asked of the product, how the result looks on a terminal."""
