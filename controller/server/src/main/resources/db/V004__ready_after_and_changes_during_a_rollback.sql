ALTER TABLE service ADD COLUMN ready_after_seconds int NOT NULL DEFAULT 1;

-- The newest deployment when the command was last set: a rollback that is older leaves it alone.
ALTER TABLE service ADD COLUMN commanded_at int NOT NULL DEFAULT -1;

-- Of a rollback: the configuration that it leaves, where that was changed after it was asked for.
ALTER TABLE deployment ADD COLUMN config_after int;
