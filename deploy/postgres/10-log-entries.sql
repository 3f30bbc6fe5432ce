-- The table of log entries, and two roles: one that only adds entries, one that only reads them.
CREATE TABLE log_entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id text NOT NULL,
  "timestamp" timestamptz NOT NULL,
  log_level text,
  program text,
  message text
);
-- The service reads spans of time of some programs, an export of everything spans of time.
CREATE INDEX log_entries_timestamp ON log_entries ("timestamp");
CREATE INDEX log_entries_program_timestamp ON log_entries (program, "timestamp");

-- 20-passwords.sh gives them passwords; until then neither can log in over the network.
CREATE ROLE log_writer LOGIN;
GRANT INSERT ON log_entries TO log_writer;

CREATE ROLE edgewood_reader LOGIN;
GRANT SELECT ON log_entries TO edgewood_reader;
ALTER ROLE edgewood_reader SET default_transaction_read_only = on;
