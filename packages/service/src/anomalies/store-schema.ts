/**
 * The tables of a store, in words that SQLite and PostgreSQL both understand. Times are Unix milliseconds.
 *
 * A device is a key: `=name`, or `*` for all devices, since NULL is never equal to NULL. `record` is the whole finding as
 * JSON; the columns beside it are there to be searched, and to be read by people.
 */

/** Raised when the tables change; `edgewood_numbers` says which a store has. */
export const STORE_SCHEMA_VERSION = 2;

export const STORE_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS edgewood_numbers (name TEXT PRIMARY KEY, value BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS edgewood_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS edgewood_cursors (
    agent TEXT PRIMARY KEY,
    cursor_ms BIGINT NOT NULL,
    furthest_ms BIGINT NOT NULL,
    skipped_from_ms BIGINT,
    memory TEXT
  )`,
  `CREATE TABLE IF NOT EXISTS edgewood_devices (agent TEXT, device TEXT, PRIMARY KEY (agent, device))`,
  `CREATE TABLE IF NOT EXISTS edgewood_feature_sets (id BIGINT PRIMARY KEY, names TEXT NOT NULL UNIQUE)`,
  `CREATE TABLE IF NOT EXISTS edgewood_windows (
    agent TEXT,
    from_ms BIGINT,
    device TEXT,
    to_ms BIGINT,
    entries BIGINT NOT NULL,
    score DOUBLE PRECISION,
    decision DOUBLE PRECISION,
    model_version TEXT,
    feature_set BIGINT NOT NULL,
    vector BYTEA,
    failure TEXT,
    PRIMARY KEY (agent, from_ms, device, to_ms)
  )`,
  `CREATE TABLE IF NOT EXISTS edgewood_incidents (
    id BIGINT PRIMARY KEY,
    agent TEXT NOT NULL,
    device TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    severity DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL,
    ongoing BIGINT NOT NULL,
    why TEXT NOT NULL,
    record TEXT NOT NULL
  )`,
  `CREATE INDEX IF NOT EXISTS edgewood_incidents_by_time ON edgewood_incidents (from_ms, id)`,
  `CREATE INDEX IF NOT EXISTS edgewood_incidents_by_agent ON edgewood_incidents (agent, ongoing, to_ms)`,
  `CREATE TABLE IF NOT EXISTS edgewood_anomalies (
    id BIGINT PRIMARY KEY,
    incident_id BIGINT NOT NULL,
    agent TEXT NOT NULL,
    device TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    severity DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL,
    withdrawn BIGINT NOT NULL,
    why TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (agent, from_ms, to_ms, device)
  )`,
  `CREATE INDEX IF NOT EXISTS edgewood_anomalies_by_time ON edgewood_anomalies (from_ms, id)`,
  `CREATE INDEX IF NOT EXISTS edgewood_anomalies_by_incident ON edgewood_anomalies (incident_id)`,
  `CREATE TABLE IF NOT EXISTS edgewood_changes (
    seq BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    incident_id BIGINT NOT NULL,
    anomaly_id BIGINT
  )`,
];

/** A device's key in the tables. */
export function keyOf(deviceId: string | null): string {
  return deviceId === null ? '*' : `=${deviceId}`;
}

/** The device behind a key. */
export function deviceOf(key: string): string | null {
  return key === '*' ? null : key.slice(1);
}
