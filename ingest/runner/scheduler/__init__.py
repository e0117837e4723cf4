"""The scheduler: what the alarm clock wakes, until a signal ends it.

    timetable -> daemon (the alarm) -> watching -> watchman, one a source -> due -> claim -> duty -> jobs
                                                   pulse, meters -> serving: /healthz, /metrics

The claims in the database are the truth: a time is run once, whoever is awake.
"""
