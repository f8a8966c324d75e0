"""The use cases of an application by room; each is built, and its module imported, on first use.

A class holds the use cases of one room. It inherits those of the rooms below it, because a use case
may use these: automation > downloads > library > catalogue > configuration. `Application` is the
highest. The faces of the rooms, here `use_cases`, import a module when a name of it is used, so a
command imports what it uses and nothing else.
"""
