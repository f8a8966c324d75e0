"""Put tracks into a container without encoding them, in a process of their own."""
