"""The command line."""


def run() -> None:
    """The program. A parsing process imports what started it, and must not import the commands with it."""
    from parsers.pack_failures import pass_over_unreadable

    # Before anything is imported that reads the entry points of all distributions while it is imported.
    pass_over_unreadable()
    from ingest.cli.main import main

    main()
