"""The product: who asks, what is answered, what is kept."""
