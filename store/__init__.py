"""How it is remembered. SQLAlchemy lives here and nowhere above; every function takes the transaction it works in."""
