"""One HTTP exchange: what is sent, and what is received as it came."""
