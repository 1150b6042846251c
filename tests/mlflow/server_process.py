"""A server that a test starts: where it may listen, and until when it has to answer."""

from __future__ import annotations

import socket
import subprocess
import time

import urllib3

START_SECONDS = 120


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def wait_until_answers(url: str, process: subprocess.Popen[bytes], seconds: float = START_SECONDS) -> None:
    pool = urllib3.PoolManager(timeout=2.0)
    deadline = time.monotonic() + seconds
    while True:
        try:
            if pool.request("GET", url, retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        assert process.poll() is None, f"the server of {url} ended with {process.returncode}"
        assert time.monotonic() < deadline, f"{url} did not answer in {seconds} s"
        time.sleep(0.1)
