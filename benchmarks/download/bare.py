"""The least that loading a file takes in Python: one read and one write, again and again."""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

_BUFFER = 256 * 1024


def main() -> None:
    """Load the link given first into the path given second; nothing is checked."""
    url, target = sys.argv[1:]
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    buffer = memoryview(bytearray(_BUFFER))
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    while count := answer.readinto(buffer):
        os.write(fd, buffer[:count])
    os.close(fd)


if __name__ == "__main__":
    main()
