"""Fills basic-auth's own database, in MLflow's image: users through its store, then every table that is still empty.

python fill_auth.py /data/auth.db
"""

from __future__ import annotations

import random
import sqlite3
import sys

import fill
from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

if __name__ == "__main__":
    store = SqlAlchemyStore()
    store.init_db(f"sqlite:///{sys.argv[1]}")
    store.create_user("admin", "a password of 27 characters", is_admin=True)
    store.create_user("müller 🦆", "another long password")
    connection = sqlite3.connect(sys.argv[1])
    print("filled besides the store:", fill.every_table(connection, 2, random.Random(5)))
    connection.commit()
    connection.close()
