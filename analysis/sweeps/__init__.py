"""A page of any sweep: its table, curves and checks frozen into one file, to send to somebody."""
