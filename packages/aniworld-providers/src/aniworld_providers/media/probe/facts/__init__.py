"""Facts and pictures of files for the library, read in a process of their own."""
