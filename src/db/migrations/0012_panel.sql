-- The staff panel: how people sign in.

ALTER TABLE staff_user
  ADD COLUMN password_hash text, -- argon2id, PHC string; null: signs in by no password
  ADD COLUMN password_set_at timestamptz,
  ADD COLUMN failed_sign_ins int NOT NULL DEFAULT 0, -- in a row
  ADD COLUMN locked_until timestamptz;

-- A session is known by the hash of its cookie: the table opens nobody's panel.
CREATE TABLE staff_session (
  token_sha256 text PRIMARY KEY CHECK (token_sha256 ~ '^[0-9a-f]{64}$'),
  user_id bigint NOT NULL REFERENCES staff_user,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);
CREATE INDEX staff_session_user ON staff_session (user_id);

-- What did not go as it should is looked at by state, and is little beside an edition of millions.
CREATE INDEX delivery_troubled ON delivery (edition_id, state, address)
  WHERE state IN ('deferred', 'rejected', 'failed', 'suppressed', 'cancelled', 'unknown');
