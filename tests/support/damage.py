"""Files as they come back from a bad disk, or from somebody who means harm."""

import re

ODD = [b"", b"\0", b"\xff\xfe", b"nan", b"-1", b"1e400", b"9" * 5000, b"null", b"[" * 3000,
       b"../", b"!!python/name:os.system", b"&a [*a]", b"'", b'"', b"\n", b",", b":",
       b"\x1b[2J"]  # fmt: skip


def damaged(rng, data):
    """Bytes with one to five damages: a flipped bit, a cut, a copy, zeros, noise, an odd word.

    Args:
        rng: a `random.Random`.
    """
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice([1, 2, 8, 64, 1000]))
        words = [word.span() for word in re.finditer(rb"[A-Za-z_]+|-?\d+(\.\d+)?", data[:100_000])]
        start, stop = rng.choice(words) if words else (0, 0)
        middle = bytes([data[at] ^ 1 << rng.randrange(8)]) if at < len(data) else b""
        data = rng.choice([
            data[:at] + middle + data[at + 1 :],
            data[:at],
            data[:at] + rng.choice(ODD) + data[at:],
            data[:at] + data[end:],
            data[:end] + data[at:],
            data[:at] + bytes(end - at) + data[end:],
            data[:at] + rng.randbytes(end - at) + data[end:],
            data[:start] + rng.choice(ODD) + data[stop:],
        ])  # fmt: skip
    return data
