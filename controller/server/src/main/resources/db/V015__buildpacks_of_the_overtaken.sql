-- Whether the list came with a deployment that this one overtook: a newer word of the stack takes it back. Those that
-- wait already keep what they have.
ALTER TABLE deployment ADD COLUMN inherits_buildpacks boolean NOT NULL DEFAULT false;
