-- The folder of the repository that is the app; empty: the top. One deployment may choose otherwise.
ALTER TABLE stack ADD COLUMN root text NOT NULL DEFAULT '';
ALTER TABLE deployment ADD COLUMN root text;
