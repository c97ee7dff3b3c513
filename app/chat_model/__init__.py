"""Which model answers: loaded, chosen, unloaded when nobody asks, or another machine's."""
