"""The database: schema, transactions and migrations, on SQLite and PostgreSQL alike."""
