"""Getting better from what people say of answers: what a rating shares, and what reviewers do with it."""
