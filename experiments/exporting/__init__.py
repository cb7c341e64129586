"""A trained net, taken out of the store: which net of a run, and its files."""
