-- Passwords come from the environment, so that they are in no process's arguments, and never reach the log.
\getenv superuser_password SUPERUSER_PASSWORD
\getenv username MLFLOW_USERNAME
\getenv password MLFLOW_PASSWORD
\getenv database MLFLOW_DATABASE
\getenv auth_database AUTH_DATABASE
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

SELECT :'auth_database' <> '' AS has_auth_database \gset
\if :has_auth_database
SELECT format('CREATE DATABASE %I OWNER %I', :'auth_database', :'username')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'auth_database') \gexec
REVOKE ALL ON DATABASE :"auth_database" FROM PUBLIC;
\endif
