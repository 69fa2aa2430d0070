"""Prefect flows: one file a flow, `tasks.py` with thin wrappers, and no logic of their own.

Telemetry is off unless the environment turns it on.
"""

import os

os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
# A loaded or slow machine takes longer to start the temporary server than Prefect waits for it.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
