"""What people do on a dashboard's pages, in a browser, as tables of small functions."""
