"""What may come in and what may go out."""
