"""`bench crash`: customers who write all the time, somebody who kills, and a judge who reads what is left."""
