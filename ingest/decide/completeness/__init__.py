"""What the site claims against what is held: what is proven, and what is missing."""
