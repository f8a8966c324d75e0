"""Work on the queue: claim items, renew claims, run attempts and settle their results."""
