#!/bin/sh
# Gives the roles of 10-log-entries.sql their passwords, from the secrets of compose.yaml. psql reads the files itself, so
# that no password stands in a command line.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set writer_password `cat /run/secrets/writer_password`
\set reader_password `cat /run/secrets/reader_password`
ALTER ROLE log_writer PASSWORD :'writer_password';
ALTER ROLE edgewood_reader PASSWORD :'reader_password';
SQL
