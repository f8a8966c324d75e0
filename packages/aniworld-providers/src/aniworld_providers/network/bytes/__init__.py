"""Client for media bytes.

`open_byte_client` returns the client of one stream. It connects through the address guard, follows
redirects, limits waiting times and the number of connections, and reads large bodies without
extra copies. `TransferState` holds what all requests of one transfer share.
"""
