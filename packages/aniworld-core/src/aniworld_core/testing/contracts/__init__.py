"""Contract suites for adapters: subclass the suite of the port and provide its fixture.

Anyio's pytest plugin runs them. For detailed assertion messages, call
`pytest.register_assert_rewrite("aniworld_core.testing.contracts")` in your `conftest.py`.
"""
