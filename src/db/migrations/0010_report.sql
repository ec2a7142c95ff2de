-- The manual register: what the report prints and no mailing of ours stands for. Past communications are of it too.
CREATE TABLE register_row (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_id text NOT NULL, -- as printed, for instance IV.1.a.iii
  quarter text NOT NULL CHECK (quarter ~ '^\d{4}-Q[1-4]$'),
  position int CHECK (position > 0), -- its printed number; null: in the order of dates
  dates date[] NOT NULL DEFAULT '{}',
  precision text NOT NULL DEFAULT 'day' CHECK (precision IN ('day', 'month')),
  line_text text NOT NULL CHECK (line_text <> ''),
  fields jsonb NOT NULL DEFAULT '{}', -- the cells that only some tables have: objeto, area, estatus
  mark text NOT NULL DEFAULT '', -- after its date, of a footnote
  note text, -- what the mark means, printed under the table
  topic text REFERENCES topic,
  publication text, -- the mailing that it was, before Pregonero
  channel text,
  evidence text,
  printed_date text, -- as the paper printed it
  source_key text UNIQUE, -- of an import: the same row twice is one
  author_id bigint NOT NULL REFERENCES staff_user,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  edited_at timestamptz -- by hand: an import leaves it as it is
);
CREATE INDEX register_row_quarter ON register_row (quarter, table_id);

-- Figures of a sentence that no table has, entered by hand for a quarter. Under the id of a table: the count of its rows
-- that was printed, to be compared.
CREATE TABLE report_figure (
  quarter text NOT NULL CHECK (quarter ~ '^\d{4}-Q[1-4]$'),
  key text NOT NULL CHECK (key ~ '^[A-Za-z0-9.-]{3,60}$'),
  value int NOT NULL CHECK (value >= 0),
  author_id bigint NOT NULL REFERENCES staff_user,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (quarter, key)
);

-- A quarter as it was closed; a later correction is the next version.
CREATE TABLE sealed_report (
  quarter text NOT NULL CHECK (quarter ~ '^\d{4}-Q[1-4]$'),
  version int NOT NULL CHECK (version > 0),
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'), -- of the canonical JSON of body
  body jsonb NOT NULL,
  reason text, -- of a correction
  user_id bigint NOT NULL REFERENCES staff_user,
  at timestamptz NOT NULL,
  PRIMARY KEY (quarter, version)
);
CREATE TRIGGER sealed_report_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed_report
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
