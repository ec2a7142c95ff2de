-- Whom we may mail: contacts, the lists that they belong to, and how they came there.

CREATE TABLE contact (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  address text NOT NULL UNIQUE, -- normal form of src/mail.ts
  name text NOT NULL DEFAULT '',
  is_group boolean NOT NULL DEFAULT false, -- a distribution address: one delivery, many readers
  created_at timestamptz NOT NULL
);

CREATE TABLE list (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('internal', 'external')),
  created_at timestamptz NOT NULL
);

CREATE TABLE list_member (
  list_id bigint NOT NULL REFERENCES list,
  contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'left')),
  origin text NOT NULL, -- the file or the form that brought the person here
  since timestamptz NOT NULL,
  PRIMARY KEY (list_id, contact_id)
);
CREATE INDEX list_member_contact ON list_member (contact_id);
