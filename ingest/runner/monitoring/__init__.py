"""Whether the schedules do what they are there for: /healthz and /metrics."""
