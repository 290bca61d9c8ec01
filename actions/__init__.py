"""Custom actions, one file each; the other modules here are what they share."""
