"""The settings of the test's PostgreSQL, as role persistence has them: what initdb wrote does not count."""

DESCRIBED = {
    "max_connections": "100",
    "log_line_prefix": "%m [%p] ",
    "checkpoint_timeout": "5min",
    "work_mem": "4MB",
    "timezone": "UTC",
}
