"""Commands that change files of the library, and take changes back."""
