"""When jobs run, and what is known of them meanwhile."""
