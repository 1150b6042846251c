"""Waits until PostgreSQL's port takes a connection: network policies learn of a new pod a little after it has started.

Whatever stands in the way for longer than a minute is left to the program that follows, which says it in a sentence.
"""

from __future__ import annotations

import os
import socket
import time

SECONDS = 60.0

deadline = time.monotonic() + SECONDS
while time.monotonic() < deadline:
    try:
        socket.create_connection((os.environ["PGHOST"], int(os.environ["PGPORT"])), timeout=5).close()
        break
    except OSError:
        time.sleep(0.5)
