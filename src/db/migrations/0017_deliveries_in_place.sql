-- A delivery is inserted once and updated twice. No index holds what those updates change, so that they are made in place
-- (heap-only tuples): what is open is told by the tally, which has a row for each batch, and what went otherwise by `trouble`.

DROP TRIGGER delivery_tally_insert ON delivery;
DROP TRIGGER delivery_tally_update ON delivery;
DROP FUNCTION tally_inserted, tally_updated;

DROP INDEX delivery_open, delivery_sending, delivery_troubled, delivery_address;
ALTER TABLE delivery
  -- its state, unless it is one of the usual way
  ADD COLUMN trouble text GENERATED ALWAYS AS (
    CASE WHEN state NOT IN ('pending', 'sending', 'accepted') THEN state END) STORED,
  -- the tally refers to the edition, and no delivery is without a tally
  DROP CONSTRAINT delivery_edition_id_fkey,
  -- looked up for each recipient, it cost as much as writing the row; contact_gate and contact_removed stand for it
  DROP CONSTRAINT delivery_contact_id_fkey,
  -- an address is looked up by itself too
  DROP CONSTRAINT delivery_edition_id_address_key,
  ADD CONSTRAINT delivery_address_key UNIQUE (address, edition_id),
  -- room on the page for the two versions that follow
  SET (fillfactor = 45);
CREATE INDEX delivery_batch ON delivery (edition_id, batch, id);
CREATE INDEX delivery_troubled ON delivery (edition_id, trouble, batch, id) WHERE trouble IS NOT NULL;

-- It holds nothing. Freezing recipients locks it in ROW SHARE mode; whoever removes a contact, or gives one another
-- address, in EXCLUSIVE mode, before anything else: no delivery is written for who is not there any more.
CREATE TABLE contact_gate ();

CREATE FUNCTION contact_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE delivery SET contact_id = NULL WHERE contact_id IN (SELECT id FROM removed);
  RETURN NULL;
END $$;
CREATE TRIGGER contact_removed AFTER DELETE ON contact
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION contact_removed();

-- Totals of each batch: what one worker changes, so that two do not wait for each other.
CREATE TABLE batch_tally (
  edition_id bigint NOT NULL REFERENCES edition,
  state text NOT NULL,
  reason text NOT NULL, -- of what is suppressed; '' of all else
  batch int NOT NULL,
  deliveries bigint NOT NULL,
  PRIMARY KEY (edition_id, state, reason, batch)
) WITH (fillfactor = 50);
INSERT INTO batch_tally (edition_id, state, reason, batch, deliveries)
SELECT edition_id, state, CASE state WHEN 'suppressed' THEN coalesce(reason, '') ELSE '' END, batch, count(*)
FROM delivery GROUP BY 1, 2, 3, 4;
DROP TABLE edition_tally;
ALTER TABLE batch_tally RENAME TO edition_tally;
ALTER INDEX batch_tally_pkey RENAME TO edition_tally_pkey;

CREATE FUNCTION tally_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO edition_tally AS t (edition_id, state, reason, batch, deliveries)
  SELECT edition_id, state, CASE state WHEN 'suppressed' THEN coalesce(reason, '') ELSE '' END, batch, count(*)
  FROM inserted GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (edition_id, state, reason, batch) DO UPDATE SET deliveries = t.deliveries + excluded.deliveries;
  RETURN NULL;
END $$;

CREATE FUNCTION tally_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO edition_tally AS t (edition_id, state, reason, batch, deliveries)
  SELECT edition_id, state, CASE state WHEN 'suppressed' THEN coalesce(reason, '') ELSE '' END, batch, sum(n) FROM (
    SELECT edition_id, state, reason, batch, 1 AS n FROM updated
    UNION ALL
    SELECT edition_id, state, reason, batch, -1 FROM replaced
  ) AS moves GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4
  ON CONFLICT (edition_id, state, reason, batch) DO UPDATE SET deliveries = t.deliveries + excluded.deliveries;
  RETURN NULL;
END $$;

-- Nothing follows DELETE: pruning detail changes no total.
CREATE TRIGGER delivery_tally_insert AFTER INSERT ON delivery
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION tally_inserted();
CREATE TRIGGER delivery_tally_update AFTER UPDATE ON delivery
  REFERENCING OLD TABLE AS replaced NEW TABLE AS updated FOR EACH STATEMENT EXECUTE FUNCTION tally_updated();
