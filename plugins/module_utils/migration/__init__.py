"""Moves a database of MLflow from SQLite to PostgreSQL and proves that nothing was lost.

This package runs in a Job, on MLflow's own image, as `python -m migration COMMAND`: it needs Python, psycopg,
SQLAlchemy and MLflow, nothing of Ansible, and imports itself relatively so that it works under any name.

Commands:
    preflight   while MLflow serves; reads both sides, writes nothing to either but its report
    migrate     with MLflow stopped; safe to repeat after a kill at any moment
    status      whether PostgreSQL holds writes that are newer than the migration (exit code 20, and their count)

What it is told: settings.py. The exit codes: errors.Exit. Its log lines on stdout are the live progress.

The report is one JSON object (report.py has its shape) that leaves the pod three ways: whole as the file
MIGRATION_REPORT on the volume, whole in the last line of the log (`report: ` and base64 of gzip of the JSON), and
without the lists as the pod's termination message (below 4,096 bytes, MIGRATION_TERMINATION_LOG).
"""
