"""The rules that find numbers in file names: one module for each kind, and their order."""
