"""Suites that prove an adapter: subclass the one of the port and provide its fixture.

They are run by anyio's pytest plugin. For assertions explained in full, ask
`pytest.register_assert_rewrite("aniworld_core.testing.contracts")` in your `conftest.py`.
"""
