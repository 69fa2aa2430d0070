"""Superset for one test: alone on loopback, its tables in one SQLite file."""

import os
from pathlib import Path

SECRET_KEY = "of a server that lives for a minute"
SQLALCHEMY_DATABASE_URI = f"sqlite:///{Path(os.environ['SUPERSET_HOME']) / 'superset.db'}"
SUPERSET_WEBSERVER_ADDRESS = "127.0.0.1"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
