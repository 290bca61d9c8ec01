"""On top of all: settings, what is wired to what, the processes, and the command line."""

from __future__ import annotations

import gc
import os
import warnings

from app import later

# Before anything of Rasa's is imported, here and in the processes started from here.
os.environ["RASA_TELEMETRY_ENABLED"] = "false"  # nothing leaves the machine but to Meta and to what the admin set
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's greetings
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")  # Rasa's own store is written for SQLAlchemy 1.3
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # Rasa without .pyc files costs 14 s a start instead of 5
# The old stack deprecates itself at every import. What a trainer must know, `rasa train` and `rasa data validate` say.
warnings.simplefilter("ignore")
later.install()
# What is brought in stays, and is most of what there is: looked through for garbage every 700 objects, a start of Rasa
# takes a fifth longer.
gc.set_threshold(20_000, 20, 100)
