"""The command line."""


def run() -> None:
    """The program. A parsing process imports what started it, and must not import the commands with it."""
    from ingest.cli.main import main

    main()
