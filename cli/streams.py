"""Standard output and error that never fail for what is written to them. Imports nothing heavy."""

import codecs
import io
import os
import sys

_HANDLER = "cascade.written_out"


def _written_out(error: UnicodeError) -> tuple[str, int]:
    r"""Write what an encoding does not have as ``\u1ea1``, which JSON reads back."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[index : index + 2] for index in range(0, len(units), 2))
    return "".join(f"\\u{int.from_bytes(pair):04x}" for pair in pairs), error.end


def ready() -> None:
    """Let Vietnamese be written under any encoding, and names that are not UTF-8 under UTF-8."""
    codecs.register_error(_HANDLER, _written_out)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def drop_output() -> None:
    """Send standard output to nowhere: what could not be written is not tried again at the end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return  # a stream of its own kind
