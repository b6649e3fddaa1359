"""Lines that an outlet repeats on its pages: counted, learned, kept in a table that people edit, and labelled."""
