-- Consent: who agreed to what and how they leave; who is never mailed again; imports that can be looked at first and undone.

ALTER TABLE list
  ADD COLUMN description text NOT NULL DEFAULT '', -- for whoever thinks of joining it
  ADD COLUMN sender text NOT NULL DEFAULT 'dvoe', -- the account that writes to its people about it
  -- Anybody may join by the public page. Only where they can leave.
  ADD COLUMN is_open boolean NOT NULL DEFAULT false CHECK (kind = 'external' OR NOT is_open);

ALTER TABLE contact
  ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$'), -- ISO 3166-1 alpha-2
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  -- Cancellation, first step: kept to answer for what was done, used for nothing, until it is erased.
  ADD COLUMN blocked_at timestamptz,
  ADD COLUMN erase_after timestamptz,
  ADD COLUMN import_id bigint, -- the import that brought it here; imports are never removed, so no reference is checked
  ADD CHECK ((blocked_at IS NULL) = (erase_after IS NULL));
CREATE INDEX contact_tags ON contact USING gin (tags) WHERE tags <> '{}';
CREATE INDEX contact_erase_after ON contact (erase_after) WHERE erase_after IS NOT NULL;
CREATE INDEX contact_of_import ON contact (import_id) WHERE import_id IS NOT NULL;

ALTER TABLE list_member
  ADD COLUMN consented_on date, -- null: an official, whom the institution writes to as such
  ADD COLUMN evidence text NOT NULL DEFAULT '', -- where the consent can be seen: a form, a file, a confirmed mail
  ADD COLUMN notice_version text NOT NULL DEFAULT '', -- of the privacy notice that the person was shown
  ADD COLUMN left_at timestamptz,
  ADD COLUMN left_reason text,
  ADD COLUMN import_id bigint,
  ADD CHECK ((state = 'left') = (left_at IS NOT NULL));
CREATE INDEX list_member_active ON list_member (list_id) WHERE state = 'active';
CREATE INDEX list_member_left_at ON list_member (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX list_member_of_import ON list_member (import_id) WHERE import_id IS NOT NULL;

-- Addresses that a contact had before they were rectified: an old file still brings them, and erasing forgets them too.
CREATE TABLE former_address (
  address text PRIMARY KEY,
  contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
  until timestamptz NOT NULL
);
CREATE INDEX former_address_contact ON former_address (contact_id);

-- What happened to each membership. Rows are only ever added; they go with the person.
CREATE TABLE membership_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
  list_id bigint NOT NULL REFERENCES list,
  at timestamptz NOT NULL,
  act text NOT NULL CHECK (act IN ('joined', 'left')),
  origin text NOT NULL,
  notice_version text NOT NULL DEFAULT '',
  user_id bigint REFERENCES staff_user -- null: the person, or an import (its origin says which)
);
CREATE INDEX membership_event_contact ON membership_event (contact_id, id);
CREATE INDEX membership_event_left ON membership_event (id) WHERE act = 'left';

-- Counts of lists, kept by the statements that change memberships.
CREATE TABLE list_tally (
  list_id bigint NOT NULL REFERENCES list,
  state text NOT NULL,
  shard smallint NOT NULL,
  members bigint NOT NULL,
  PRIMARY KEY (list_id, state, shard)
) WITH (fillfactor = 50);

CREATE FUNCTION list_tally_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO list_tally AS t (list_id, state, shard, members)
    SELECT list_id, state, pg_backend_pid() % 16, count(*) FROM added GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (list_id, state, shard) DO UPDATE SET members = t.members + excluded.members;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO list_tally AS t (list_id, state, shard, members)
    SELECT list_id, state, pg_backend_pid() % 16, -count(*) FROM removed GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (list_id, state, shard) DO UPDATE SET members = t.members + excluded.members;
  ELSE
    INSERT INTO list_tally AS t (list_id, state, shard, members)
    SELECT list_id, state, pg_backend_pid() % 16, sum(n) FROM (
      SELECT list_id, state, 1 AS n FROM added
      UNION ALL
      SELECT list_id, state, -1 FROM removed
    ) AS moves GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
    ON CONFLICT (list_id, state, shard) DO UPDATE SET members = t.members + excluded.members;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER list_member_tally_insert AFTER INSERT ON list_member
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION list_tally_changed();
CREATE TRIGGER list_member_tally_update AFTER UPDATE ON list_member
  REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION list_tally_changed();
CREATE TRIGGER list_member_tally_delete AFTER DELETE ON list_member
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION list_tally_changed();
INSERT INTO list_tally (list_id, state, shard, members)
  SELECT list_id, state, 0, count(*) FROM list_member GROUP BY 1, 2;

-- Addresses that are not mailed, whoever lists them. Of an erased person only the keyed hash stays, so that no
-- import can bring the person back.
CREATE TABLE suppression (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  address_hash bytea NOT NULL, -- HMAC-SHA-256 of the normal address
  key_id text NOT NULL, -- which key made the hash
  address text, -- null once the person is erased
  scope text NOT NULL CHECK (scope IN ('list', 'external', 'all')), -- one list, all external lists, everything
  list_id bigint REFERENCES list,
  reason text NOT NULL CHECK (reason IN ('unsubscribed', 'bounced', 'complaint', 'staff', 'blocked', 'erased')),
  note text NOT NULL DEFAULT '', -- why, in words of staff
  user_id bigint REFERENCES staff_user,
  at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (address_hash, scope, list_id, reason),
  CHECK ((scope = 'list') = (list_id IS NOT NULL))
);
CREATE INDEX suppression_address ON suppression (address);
CREATE INDEX suppression_at ON suppression (at);

-- Every membership with what keeps mail from it, if anything: the one definition of who is reached.
CREATE VIEW membership_standing AS
  SELECT m.contact_id, m.list_id, list.slug AS list, c.address, c.name, c.is_group, c.country, c.tags,
    CASE
      WHEN m.state = 'left' THEN 'unsubscribed'
      ELSE (
        SELECT s.reason FROM suppression s
        WHERE s.address = c.address
          AND s.at >= m.since -- a consent given after it is of this list, and of no other
          AND (s.scope = 'all' OR (s.scope = 'external' AND list.kind = 'external') OR s.list_id = m.list_id)
        ORDER BY s.id LIMIT 1)
    END AS excluded_by, -- a reason of suppression; null: this membership is reached
    m.state
  FROM list_member m
  JOIN contact c ON c.id = m.contact_id
  JOIN list ON list.id = m.list_id;

-- Why a contact is not reached by any of an edition's lists (a JSON array of slugs); null when one reaches it.
CREATE FUNCTION exclusion_of(contact bigint, lists jsonb) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN contact IS NULL THEN 'erased'
    WHEN bool_or(state = 'active' AND excluded_by IS NULL) THEN NULL
    WHEN count(*) = 0 THEN 'staff' -- an import that was undone
    ELSE coalesce(min(excluded_by) FILTER (WHERE state = 'active'), 'unsubscribed')
  END
  FROM membership_standing
  WHERE contact_id = contact AND list IN (SELECT jsonb_array_elements_text(lists))
$$;

-- Requests of the public pages that wait for their mail to be answered. The token is signed and names the row.
CREATE TABLE subscription_request (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  address text NOT NULL, -- or # and a keyed hash: an excluded address had its mail of these 30 days
  name text NOT NULL DEFAULT '',
  country text CHECK (country ~ '^[A-Z]{2}$'),
  lists text[] NOT NULL, -- slugs; empty: only a link to one's own subscriptions was asked for
  notice_version text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  confirmed_at timestamptz
);
CREATE INDEX subscription_request_address ON subscription_request (address, created_at);
CREATE INDEX subscription_request_expires_at ON subscription_request (expires_at);

-- Imports: looked at first, then confirmed, and undone whole.
CREATE TABLE contact_import (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state text NOT NULL DEFAULT 'reading' CHECK (state IN ('reading', 'staged', 'confirmed', 'undone', 'discarded')),
  file_name text NOT NULL,
  list_id bigint REFERENCES list, -- of every row when the file does not say
  origin text NOT NULL,
  consented_on date,
  evidence text NOT NULL DEFAULT '',
  notice_version text NOT NULL DEFAULT '',
  columns jsonb NOT NULL DEFAULT '{}', -- what each column of the file was taken for
  summary jsonb NOT NULL DEFAULT '{}', -- counts, never addresses
  user_id bigint NOT NULL REFERENCES staff_user,
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  undone_at timestamptz
);

-- Rows of an import that nobody confirmed yet; removed with its end, and after a day.
CREATE TABLE contact_import_row (
  import_id bigint NOT NULL REFERENCES contact_import ON DELETE CASCADE,
  row_number int NOT NULL, -- as a spreadsheet counts, the header being 1
  address text, -- null when it is not one
  address_hashes bytea[] NOT NULL DEFAULT '{}', -- under every key in use
  name text NOT NULL DEFAULT '',
  country text,
  tags text[] NOT NULL DEFAULT '{}',
  is_group boolean NOT NULL DEFAULT false,
  lists text[] NOT NULL DEFAULT '{}',
  faults jsonb NOT NULL DEFAULT '[]', -- [{columna, valor, motivo, sugerencia}]
  PRIMARY KEY (import_id, row_number)
);

-- Who looked at whom. Rows are only ever added; the contact's number says nothing once the person is erased.
CREATE TABLE person_access (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  user_id bigint NOT NULL REFERENCES staff_user,
  contact_id bigint, -- no reference: it outlives the person. null: nobody was found
  act text NOT NULL
);
CREATE INDEX person_access_contact ON person_access (contact_id, id);
CREATE TRIGGER person_access_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person_access
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Totals say why deliveries were left out, and still do when the deliveries are pruned.
ALTER TABLE edition_tally ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE edition_tally DROP CONSTRAINT edition_tally_pkey, ADD PRIMARY KEY (edition_id, state, reason, shard);
ALTER TABLE edition ADD COLUMN left_out int; -- people who had left its lists when its recipients were frozen

CREATE OR REPLACE FUNCTION tally_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO edition_tally AS t (edition_id, state, reason, shard, deliveries)
  SELECT edition_id, state, CASE state WHEN 'suppressed' THEN coalesce(reason, '') ELSE '' END,
    pg_backend_pid() % 16, count(*) FROM inserted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (edition_id, state, reason, shard) DO UPDATE SET deliveries = t.deliveries + excluded.deliveries;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tally_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO edition_tally AS t (edition_id, state, reason, shard, deliveries)
  SELECT edition_id, state, CASE state WHEN 'suppressed' THEN coalesce(reason, '') ELSE '' END,
    pg_backend_pid() % 16, sum(n) FROM (
    SELECT edition_id, state, reason, 1 AS n FROM updated
    UNION ALL
    SELECT edition_id, state, reason, -1 FROM replaced
  ) AS moves GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3
  ON CONFLICT (edition_id, state, reason, shard) DO UPDATE SET deliveries = t.deliveries + excluded.deliveries;
  RETURN NULL;
END $$;

-- A delivery that is left out says why, in one of the words of suppression.
ALTER TABLE delivery ADD CONSTRAINT delivery_suppressed_reason CHECK (state <> 'suppressed' OR
  (reason IS NOT NULL AND reason IN ('unsubscribed', 'bounced', 'complaint', 'staff', 'blocked', 'erased')));

-- Mail about one's own subscriptions travels as notices do; what is not for staff is forgotten a day after it left.
ALTER TABLE notice
  ADD COLUMN sender text NOT NULL DEFAULT 'dvoe',
  ADD COLUMN for_staff boolean NOT NULL DEFAULT true;
