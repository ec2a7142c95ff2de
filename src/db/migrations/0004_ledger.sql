-- What was sent to whom: deliveries, the attempts behind them, and totals that cannot drift.

-- A dispatching process. Its lease covers every row that it holds in state `sending`.
-- Lease times are the database server's clock: calendar time may be simulated, leases are real.
CREATE TABLE worker (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  pid int NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease_until timestamptz NOT NULL
);

CREATE TABLE delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  edition_id bigint NOT NULL REFERENCES edition,
  batch int NOT NULL,
  contact_id bigint REFERENCES contact ON DELETE SET NULL,
  address text NOT NULL,
  name text NOT NULL DEFAULT '',
  is_group boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN
    ('pending', 'sending', 'accepted', 'deferred', 'rejected', 'failed', 'suppressed', 'cancelled', 'unknown')),
  reason text, -- last SMTP answer, or why it was suppressed, failed or is unknown
  worker_id uuid, -- who claimed it last
  attempts smallint NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  updated_at timestamptz NOT NULL,
  UNIQUE (edition_id, address),
  CHECK ((state = 'deferred') = (next_attempt_at IS NOT NULL)),
  CHECK (state <> 'sending' OR worker_id IS NOT NULL)
);
CREATE INDEX delivery_open ON delivery (edition_id, batch, id) WHERE state IN ('pending', 'deferred');
CREATE INDEX delivery_address ON delivery (address);
CREATE INDEX delivery_contact ON delivery (contact_id);
CREATE INDEX delivery_sending ON delivery (worker_id) WHERE state = 'sending';

-- Totals per edition, kept by the statements that change deliveries. Shards keep two workers from waiting for
-- each other. Nothing follows DELETE: pruning detail changes no total.
CREATE TABLE edition_tally (
  edition_id bigint NOT NULL REFERENCES edition,
  state text NOT NULL,
  shard smallint NOT NULL,
  deliveries bigint NOT NULL,
  PRIMARY KEY (edition_id, state, shard)
) WITH (fillfactor = 50);

CREATE FUNCTION tally_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO edition_tally AS t (edition_id, state, shard, deliveries)
  SELECT edition_id, state, pg_backend_pid() % 16, count(*) FROM inserted GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (edition_id, state, shard) DO UPDATE SET deliveries = t.deliveries + excluded.deliveries;
  RETURN NULL;
END $$;

CREATE FUNCTION tally_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO edition_tally AS t (edition_id, state, shard, deliveries)
  SELECT edition_id, state, pg_backend_pid() % 16, sum(n) FROM (
    SELECT edition_id, state, 1 AS n FROM updated
    UNION ALL
    SELECT edition_id, state, -1 FROM replaced
  ) AS moves GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
  ON CONFLICT (edition_id, state, shard) DO UPDATE SET deliveries = t.deliveries + excluded.deliveries;
  RETURN NULL;
END $$;

CREATE TRIGGER delivery_tally_insert AFTER INSERT ON delivery
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION tally_inserted();
CREATE TRIGGER delivery_tally_update AFTER UPDATE ON delivery
  REFERENCING OLD TABLE AS replaced NEW TABLE AS updated FOR EACH STATEMENT EXECUTE FUNCTION tally_updated();

-- One SMTP conversation, or the discovery that one ended without a witness.
CREATE TABLE attempt (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery_id bigint NOT NULL,
  edition_id bigint NOT NULL,
  at timestamptz NOT NULL,
  duration_ms int,
  outcome text NOT NULL CHECK (outcome IN ('accepted', 'deferred', 'rejected', 'failed', 'unknown')),
  phase text NOT NULL CHECK (phase IN ('connect', 'envelope', 'body', 'dot', 'lost')),
  smtp_code smallint,
  smtp_text text,
  relay text NOT NULL,
  message_id text NOT NULL,
  worker_id uuid NOT NULL
);
CREATE INDEX attempt_delivery ON attempt (delivery_id, id);
CREATE TRIGGER attempt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attempt
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
