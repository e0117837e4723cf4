"""The database itself: address, engine, schema, migrations, retries."""
