"""Plan changes of library files, apply them through the journal, undo and recover them."""
