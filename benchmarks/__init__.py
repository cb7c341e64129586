"""What is fast, and how we know: peers side by side in one session, ratios of medians."""
