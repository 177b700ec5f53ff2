"""The zip of a bundle: one content has exactly one archive (:mod:`audit.offline.verify`)."""

import hashlib
import os
import zlib
from collections.abc import Mapping
from pathlib import Path

from audit.offline.verify import NAME, directory, local_header

MOST_BYTES = 2**32 - 1
MOST_MEMBERS = 2**16 - 1
"""What a zip without its 64-bit extension can hold."""


class TooLarge(Exception):
    """The contents do not fit into one plain zip."""


def write(path: Path, contents: Mapping[str, bytes]) -> str:
    """Write *contents* to *path*, wholly or not at all; return the SHA-256 of the zip (hex).

    Raises:
        TooLarge: more than a plain zip can hold; nothing is written.
        OSError: *path* cannot be written; what was there stays as it was.
    """
    if len(contents) > MOST_MEMBERS or sum(map(len, contents.values())) > MOST_BYTES - 2**24:
        raise TooLarge
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as out:
            members, at = [], 0
            for name in sorted(contents):
                if not NAME.fullmatch(name):
                    raise ValueError(f"not a name of a member: {name!r}")
                content = contents[name]
                crc = zlib.crc32(content)
                for part in (local_header(name, len(content), crc), content):
                    out.write(part)
                    digest.update(part)
                members.append((name, len(content), crc, at))
                at += 30 + len(name) + len(content)
            end = directory(members)
            out.write(end)
            digest.update(end)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return digest.hexdigest()
