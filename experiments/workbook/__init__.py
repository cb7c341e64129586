"""The workbook: four files with gaps for the reader to write, and a teacher who finds mistakes."""
