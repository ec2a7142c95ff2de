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

-- What is being written: it may be unfinished or wrong. Of an edition there is one, which everybody who writes shares;
-- a mail on request has no edition yet, and is its author's alone.
CREATE TABLE draft (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  publication text NOT NULL,
  edition_id bigint UNIQUE REFERENCES edition ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES staff_user, -- who saved it last
  replaces bigint, -- the content that it began from
  body jsonb NOT NULL,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX draft_user ON draft (user_id) WHERE edition_id IS NULL;

-- Images and attachments that came with it, as they were uploaded.
CREATE TABLE draft_file (
  draft_id bigint NOT NULL REFERENCES draft ON DELETE CASCADE,
  name text NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (draft_id, name)
);

-- The audit log is read latest first, of all or of one person.
CREATE INDEX audit_log_user ON audit_log (user_id, id);

-- The register is searched by domain among today's contacts: an address changes seldom, and deliveries have no such index.
CREATE INDEX contact_domain ON contact (split_part(address, '@', 2));

-- A draft is shared: whoever saved it wrote what it became, whoever put their name to it in the end.
ALTER TABLE draft ADD COLUMN writers bigint[] NOT NULL DEFAULT '{}'; -- who saved it, and who wrote what it began from
ALTER TABLE content ADD COLUMN writers bigint[] NOT NULL DEFAULT '{}'; -- of its draft, its author among them
ALTER TABLE edition
  ADD COLUMN content_writers bigint[] NOT NULL DEFAULT '{}', -- of that content, so that the two persons can be told apart here
  DROP CONSTRAINT edition_two_persons,
  ADD CONSTRAINT edition_two_persons CHECK (approved_by IS NULL OR (
    approved_by <> ready_by AND approved_by <> content_author_id AND approved_by <> ALL (content_writers)
  ));
