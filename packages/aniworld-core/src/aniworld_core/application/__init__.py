"""The use cases: what people and programs do with Aniworld, on ports alone."""
