-- Mail that is not a publication: notices to staff and test sends. Logged here, never counted in a report.

CREATE TABLE notice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  edition_id bigint REFERENCES edition,
  occasion text NOT NULL, -- what makes a second notice of the same kind a new one
  address text NOT NULL,
  subject text NOT NULL,
  plain_text text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'failed')),
  attempts smallint NOT NULL DEFAULT 0,
  reason text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (kind, edition_id, occasion, address)
);
CREATE INDEX notice_pending ON notice (id) WHERE state = 'pending';

CREATE TABLE test_send (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  edition_id bigint NOT NULL REFERENCES edition,
  user_id bigint NOT NULL REFERENCES staff_user,
  at timestamptz NOT NULL,
  outcome text NOT NULL,
  smtp_text text
);
CREATE INDEX test_send_user ON test_send (user_id, at);
