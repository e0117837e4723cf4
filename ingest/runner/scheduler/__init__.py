"""The scheduler: what the alarm clock wakes, until a signal ends it.

    schedule files -> alarm -> service -> SourceScheduler, one a source -> due -> claim -> ClaimedRun -> jobs
                               service -> schedule health, metrics -> /healthz, /metrics

The claims in the database are the truth: each time is run once, by whichever process claims it.
"""
