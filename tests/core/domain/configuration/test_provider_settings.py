"""Servers of a provider."""

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig

ONE = ServerConfig(name="one", base_url="https://one.example")


def test_a_bare_address_is_a_server() -> None:
    """`base_url` is added to the list of servers, once."""
    assert ProviderConfig().all_servers == ()
    assert ProviderConfig(servers=(ONE,)).all_servers == (ONE,)
    both = ProviderConfig(base_url="https://two.example", servers=(ONE,)).all_servers
    assert [server.base_url for server in both] == ["https://one.example", "https://two.example"]
    assert ProviderConfig(base_url=ONE.base_url, servers=(ONE,)).all_servers == (ONE,)
