"""What the processes of an installation do, and how they see each other."""
