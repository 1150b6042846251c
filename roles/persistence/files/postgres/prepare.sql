-- Passwords come from the environment, so that they are in no process's arguments, and never reach the log.
\getenv superuser_password SUPERUSER_PASSWORD
\getenv username MLFLOW_USERNAME
\getenv password MLFLOW_PASSWORD
\getenv database MLFLOW_DATABASE
\getenv exporter EXPORTER_USERNAME
\getenv exporter_password EXPORTER_PASSWORD
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;

ALTER ROLE postgres PASSWORD :'superuser_password';

SELECT format('CREATE ROLE %I', :'username')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'username') \gexec
ALTER ROLE :"username" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'username')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;

-- Who measures: no table is its own, the schema's program lets it read the columns that are counted and no other. It gets
-- in when MLflow has taken all connections.
SELECT format('CREATE ROLE %I', :'exporter')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'exporter') \gexec
ALTER ROLE :"exporter" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5
  PASSWORD :'exporter_password';
ALTER ROLE :"exporter" SET default_transaction_read_only = on;
ALTER ROLE :"exporter" SET statement_timeout = '20s';
GRANT CONNECT ON DATABASE :"database" TO :"exporter";
GRANT pg_use_reserved_connections TO :"exporter";
