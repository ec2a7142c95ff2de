-- What every worker agrees on while it sends: how fast a sender may go, and which relay wants to be left alone.

CREATE TABLE sender_pace (
  sender text PRIMARY KEY,
  messages_per_second int CHECK (messages_per_second BETWEEN 1 AND 10000), -- null: as the environment says
  connections int CHECK (connections BETWEEN 1 AND 200), -- over all workers; null: as the environment says
  next_free_at timestamptz NOT NULL DEFAULT clock_timestamp() -- when the next message may go; real time, as leases are
);

-- A conversation with the relay of a sender. It is its worker's while the lease of the worker holds.
CREATE TABLE connection_slot (
  sender text NOT NULL,
  slot int NOT NULL,
  worker_id uuid,
  PRIMARY KEY (sender, slot)
);

-- A relay that asked for it, or that refuses everything, is not asked again before this time.
CREATE TABLE relay_rest (
  relay text PRIMARY KEY,
  until timestamptz NOT NULL, -- real time
  times int NOT NULL, -- in a row
  reason text NOT NULL,
  at timestamptz NOT NULL
);

-- What had ended, and how much of it badly, when somebody last looked and said go on.
ALTER TABLE edition
  ADD COLUMN seen_ended int NOT NULL DEFAULT 0,
  ADD COLUMN seen_failures int NOT NULL DEFAULT 0;
