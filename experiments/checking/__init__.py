"""Checks of the user's own entries, before a net is trained with them: what is wrong, in words."""
