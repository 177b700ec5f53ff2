"""A child process that ends with its parent, even when the parent was killed.

The parent keeps one end of a pipe (the child's standard input). When the parent is gone, however
it went, the kernel closes that end, the child reads the end of the file and asks itself to stop.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

FLAG = "CASCADE_LIFELINE"


def spawn(
    command: Sequence[str], env: Mapping[str, str], log: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start *command* in a session of its own, tied to this process.

    A session of its own, so that Ctrl-C reaches the launcher alone and it can stop the others in
    order. Output is appended to *log*; without one it goes where ours goes.
    """
    if log is None:
        return _popen(command, env, None)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        return _popen(command, env, file.fileno())


def _popen(
    command: Sequence[str], env: Mapping[str, str], output: int | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(command),
        env={**env, FLAG: "1"},
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )


def hold() -> None:
    """Called by the child: send ourselves SIGTERM when the parent is gone.

    Does nothing in a process that was not started by :func:`spawn`.
    """
    if os.environ.pop(FLAG, "") != "1":
        return

    def wait_for_the_end() -> None:
        while os.read(0, 64):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, name="lifeline", daemon=True).start()


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> int:
    """End *process* politely, then by force after *seconds*; return its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    status = process.wait()
    if process.stdin is not None:
        process.stdin.close()
    return status
