"""What the database itself refuses, so that not even our own mistakes alter a recorded fact.

SQLite: ``INSERT OR REPLACE`` removes rows without firing a delete trigger (unless a connection
asked for recursive triggers), hence *next only*: a row can only be added as the next number,
linked to the last leaf, and in conflict with no row on any unique key; and the head is inserted
once. PostgreSQL: rows and whole tables (``TRUNCATE``) alike. A database's owner can still pass;
that is what checkpoints kept elsewhere are for.

:data:`SQLITE` and :data:`POSTGRESQL` are those of the first revision and stay as they are; what
came later stands below them.
"""

SQLITE = (
    """
    CREATE TRIGGER ledger_event_no_update BEFORE UPDATE ON ledger_event
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_event_no_delete BEFORE DELETE ON ledger_event
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_event_next_only BEFORE INSERT ON ledger_event
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger_event)
      OR NEW.prev_hash IS NOT coalesce(
           (SELECT leaf_hash FROM ledger_event ORDER BY seq DESC LIMIT 1), zeroblob(32))
      OR EXISTS (SELECT 1 FROM ledger_event WHERE dedup_key = NEW.dedup_key)
      OR EXISTS (SELECT 1 FROM ledger_event
                 WHERE stream = NEW.stream AND stream_seq = NEW.stream_seq)
      OR EXISTS (SELECT 1 FROM ledger_event WHERE prev_hash = NEW.prev_hash)
    BEGIN SELECT RAISE(ABORT, 'the ledger takes the next linked fact only'); END
    """,
    """
    CREATE TRIGGER ledger_head_one_row BEFORE INSERT ON ledger_head
    WHEN EXISTS (SELECT 1 FROM ledger_head)
    BEGIN SELECT RAISE(ABORT, 'the ledger has one head'); END
    """,
    """
    CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
    BEGIN SELECT RAISE(ABORT, 'the ledger has one head'); END
    """,
    """
    CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head
    WHEN NEW.size < OLD.size OR NEW.log_id IS NOT OLD.log_id
    BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END
    """,
)

POSTGRESQL = (
    """
    CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
    """,
    """
    CREATE FUNCTION ledger_next_only() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last record;
    BEGIN
      SELECT seq, leaf_hash INTO last FROM ledger_event ORDER BY seq DESC LIMIT 1;
      IF NEW.seq <> coalesce(last.seq, 0) + 1
         OR NEW.prev_hash <> coalesce(last.leaf_hash, decode(repeat('00', 32), 'hex')) THEN
        RAISE EXCEPTION 'the ledger takes the next linked fact only';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION ledger_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.size < OLD.size OR NEW.log_id <> OLD.log_id THEN
        RAISE EXCEPTION 'the ledger only grows';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_event_no_change BEFORE UPDATE OR DELETE ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_event_no_truncate BEFORE TRUNCATE ON ledger_event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_event_next_only BEFORE INSERT ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_next_only()
    """,
    """
    CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_head_no_truncate BEFORE TRUNCATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_grows()
    """,
)

HEAD_GROWS_SQLITE = (
    "DROP TRIGGER ledger_head_grows",
    """
    CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head
    WHEN NEW.size < OLD.size OR NEW.log_id IS NOT OLD.log_id
      OR (NEW.size = OLD.size
          AND (NEW.last_hash IS NOT OLD.last_hash OR NEW.frontier IS NOT OLD.frontier))
    BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END
    """,
)
"""Since revision 0002: what the head says of the facts changes only with their number."""

HEAD_GROWS_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION ledger_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.size < OLD.size OR NEW.log_id <> OLD.log_id
         OR (NEW.size = OLD.size
             AND (NEW.last_hash <> OLD.last_hash OR NEW.frontier <> OLD.frontier)) THEN
        RAISE EXCEPTION 'the ledger only grows';
      END IF;
      RETURN NEW;
    END $$
    """,
)

CHECKPOINTS_SQLITE = (
    """
    CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
    """,
    """
    CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
    """,
    """
    CREATE TRIGGER ledger_checkpoint_next_only BEFORE INSERT ON ledger_checkpoint
    WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM ledger_checkpoint)
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
    """,
    """
    CREATE TRIGGER ledger_key_no_delete BEFORE DELETE ON ledger_key
    BEGIN SELECT RAISE(ABORT, 'keys are append-only'); END
    """,
    """
    CREATE TRIGGER ledger_key_no_replace BEFORE INSERT ON ledger_key
    WHEN EXISTS (SELECT 1 FROM ledger_key WHERE key_id = NEW.key_id)
    BEGIN SELECT RAISE(ABORT, 'keys are append-only'); END
    """,
    """
    CREATE TRIGGER ledger_key_ends_once BEFORE UPDATE ON ledger_key
    WHEN OLD.until_size IS NOT NULL OR NEW.until_size IS NULL
      OR NEW.key_id IS NOT OLD.key_id OR NEW.vkey IS NOT OLD.vkey
      OR NEW.from_size IS NOT OLD.from_size
    BEGIN SELECT RAISE(ABORT, 'keys are append-only'); END
    """,
)
"""Since revision 0003. ``INSERT OR REPLACE`` fires no delete trigger, hence *next only*."""

CHECKPOINTS_POSTGRESQL = (
    """
    CREATE FUNCTION checkpoint_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'checkpoints and keys are append-only'; END $$
    """,
    """
    CREATE FUNCTION checkpoint_next_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.size <= (SELECT coalesce(max(size), 0) FROM ledger_checkpoint) THEN
        RAISE EXCEPTION 'checkpoints are append-only';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION key_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.until_size IS NOT NULL OR NEW.until_size IS NULL OR NEW.key_id <> OLD.key_id
         OR NEW.vkey <> OLD.vkey OR NEW.from_size <> OLD.from_size THEN
        RAISE EXCEPTION 'keys are append-only';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_checkpoint_no_change BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION checkpoint_refuse()
    """,
    """
    CREATE TRIGGER ledger_checkpoint_no_truncate BEFORE TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION checkpoint_refuse()
    """,
    """
    CREATE TRIGGER ledger_checkpoint_next_only BEFORE INSERT ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION checkpoint_next_only()
    """,
    """
    CREATE TRIGGER ledger_key_no_delete BEFORE DELETE ON ledger_key
    FOR EACH ROW EXECUTE FUNCTION checkpoint_refuse()
    """,
    """
    CREATE TRIGGER ledger_key_no_truncate BEFORE TRUNCATE ON ledger_key
    FOR EACH STATEMENT EXECUTE FUNCTION checkpoint_refuse()
    """,
    """
    CREATE TRIGGER ledger_key_ends_once BEFORE UPDATE ON ledger_key
    FOR EACH ROW EXECUTE FUNCTION key_ends_once()
    """,
)
