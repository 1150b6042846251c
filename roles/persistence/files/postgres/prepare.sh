#!/usr/bin/env bash
# Runs before the server, each time: makes the data directory where there is none, whole or not at all, refuses one of
# another major version, and keeps the role and the database of MLflow with the passwords that the Secrets hold.
# Of the image it needs bash and PostgreSQL's own programs; its entrypoint is not used.
set -euo pipefail
umask 077
programs=$(compgen -G "/usr/lib/postgresql/*/bin" | sort -V | tail -1)
PATH=$programs:$PATH

refuse() {
  echo "REFUSED $*" >&2
  exit 1
}

image_version() {
  postgres --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'
}

make_data() {
  rm -rf "$PGDATA.making"
  initdb --pgdata="$PGDATA.making" --username=postgres --pwfile=<(printf '%s\n' "$SUPERUSER_PASSWORD") \
    --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --data-checksums \
    --locale=C.UTF-8 --locale-provider=builtin --builtin-locale=C.UTF-8 >/tmp/initdb.log 2>&1 ||
    refuse "initdb failed: $(tail -3 /tmp/initdb.log | tr '\n' ' ')"
  rmdir "$PGDATA" 2>/dev/null || true
  mv -T "$PGDATA.making" "$PGDATA"
  sync "$(dirname "$PGDATA")"
  echo "A new data directory was made for PostgreSQL $(image_version)."
}

keep_role_and_database() {
  pg_ctl start --wait --timeout=3600 --silent --log=/tmp/prepare.log \
    --options="-c config_file=/program/postgresql.conf -c listen_addresses=''" ||
    refuse "PostgreSQL does not start on $PGDATA: $(tail -3 /tmp/prepare.log | tr '\n' ' ')"
  trap 'pg_ctl stop --mode=fast --wait --timeout=3600 --silent' EXIT
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres --file=/program/prepare.sql
  echo "Role $MLFLOW_USERNAME and database $MLFLOW_DATABASE are as they should be."
}

if [[ -s $PGDATA/PG_VERSION ]]; then
  found=$(<"$PGDATA/PG_VERSION")
  ours=$(image_version)
  [[ $found == "$ours" ]] || refuse "The data is of PostgreSQL $found and postgres_image is PostgreSQL $ours, which cannot" \
    "read it: set postgres_image to one of PostgreSQL $found, or move the data by pg_dump. Nothing was written."
elif [[ -d $PGDATA && -n $(ls -A "$PGDATA") ]]; then
  refuse "$PGDATA holds files that are no data of PostgreSQL's: look at the claim postgres-data. Nothing was written."
else
  make_data
fi
keep_role_and_database
