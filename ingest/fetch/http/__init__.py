"""One HTTP exchange: the request that is sent, and the response exactly as received."""
