-- Where this database lives: what a copy of it, restored or started elsewhere, cannot bring along.
-- Null until the first process that plans or sends; changed afterwards only by `pregonero adopt`.

ALTER TABLE instance
  ADD COLUMN home_system text,   -- identifier of the cluster, drawn by initdb
  ADD COLUMN home_timeline text, -- raised by a point-in-time recovery and by the promotion of a standby
  ADD COLUMN home_database text, -- oid: CREATE DATABASE, and so a restored dump or a clone, draws another
  ADD COLUMN home_table text,    -- oid of this table: pg_restore --clean keeps the database and makes the table anew
  ADD COLUMN home_host text,     -- of PUBLIC_URL: what differs when the files of a whole server were copied
  ADD COLUMN adopted_at timestamptz,
  ADD CONSTRAINT instance_home_whole CHECK (
    num_nulls(home_system, home_timeline, home_database, home_table, home_host, adopted_at) IN (0, 6)
  );
