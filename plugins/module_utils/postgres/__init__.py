"""PostgreSQL beyond its objects: who may sign in, who owns the database, and which settings are in force."""
