"""What the pages in docs show, made of the figures that are kept in docs/figures: tables and plots."""
