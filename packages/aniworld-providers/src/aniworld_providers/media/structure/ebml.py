"""Parse the heads of EBML elements (RFC 8794), for the Matroska walk and its protection check."""


def element(head: bytes) -> tuple[int, int, int | None] | None:
    """Return identifier, head length and payload size of an element.

    Returns:
        `None` if the bytes are not an element; the size is `None` if it is unknown.
    """
    if not head or not head[0] >> 4:
        return None
    width = 9 - head[0].bit_length()
    rest = head[width:]
    if not rest or not rest[0]:
        return None
    size_width = 9 - rest[0].bit_length()
    if len(rest) < size_width:
        return None
    mask = (1 << (7 * size_width)) - 1
    size = int.from_bytes(rest[:size_width], "big") & mask
    return int.from_bytes(head[:width], "big"), width + size_width, None if size == mask else size


def has_element(data: bytes, *path: int) -> bool:
    """Whether there is an element at *path*, identifiers from outside to inside."""
    at = 0
    while at < len(data):
        found = element(data[at : at + 12])
        kind, head, size = found or (0, 0, None)
        if size is None:
            return False
        payload = data[at + head : at + head + size]
        if kind == path[0] and (len(path) == 1 or has_element(payload, *path[1:])):
            return True
        at += head + size
    return False
