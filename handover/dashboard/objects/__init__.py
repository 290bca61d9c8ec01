"""What things look like to the dashboard, one file an object."""
