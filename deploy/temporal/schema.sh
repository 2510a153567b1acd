#!/bin/sh
# Temporal's tables, made or brought to this version. Safe to run again: what is there is kept.
set -eu
SQL_PASSWORD=$(cat /run/secrets/database_temporal)
export SQL_PASSWORD

for pair in temporal:temporal temporal_visibility:visibility; do
    tool() {
        temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" --port 5432 --user "$SQL_USER" --db "${pair%%:*}" "$@"
    }
    tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned" || {
        tool setup-schema --version 0.0
        tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned"
    }
done
