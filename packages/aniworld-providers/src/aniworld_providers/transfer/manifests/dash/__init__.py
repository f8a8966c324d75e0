"""Parse static DASH manifests (ISO/IEC 23009-1) and choose representations."""
