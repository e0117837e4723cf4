"""Several machines: what commands ask for goes into a queue in PostgreSQL, and workers take it from there.

    command --submitting--> order (the truth) + job in the queue (that there is work at a host)
    worker  --fetch job--> slices: a slice of the orders at one host, then the next job
            --parse job--> parsing: the archive files of one order
            --sweep--> jobs of dead workers, orders without a job

Procrastinate's locks and heartbeats carry it. It is an extra of the distribution: ``door`` imports the rest.
"""
