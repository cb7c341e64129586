"""Answers: from the runs in the store to claims, figures and the report. Trains nothing."""
