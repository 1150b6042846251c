"""Moves a database of MLflow from SQLite to PostgreSQL and proves that nothing was lost.

This package runs in a Job, on MLflow's own image, as `python -m migration`: it needs Python, psycopg, SQLAlchemy and
MLflow, nothing of Ansible, and imports itself relatively so that it works under any name.
"""
