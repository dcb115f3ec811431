-- What a deployment is built with: root, formula, dockerfile, stage and buildpacks as they were chosen for it, and once
-- it is `settled` what its stack said of the rest when a builder took it first. `keeps_buildpacks`: when that built
-- something, the list becomes the stack's.
ALTER TABLE deployment ADD COLUMN buildpacks text[];
ALTER TABLE deployment ADD COLUMN builder text;
ALTER TABLE deployment ADD COLUMN settled boolean NOT NULL DEFAULT false;
ALTER TABLE deployment ADD COLUMN keeps_buildpacks boolean NOT NULL DEFAULT false;
ALTER TABLE deployment ADD COLUMN formula_chosen boolean NOT NULL DEFAULT false;
UPDATE deployment SET formula_chosen = true WHERE formula IS NOT NULL;
