-- The file in the folder of copies that a purge writes what it removes to; null: no copy was asked for.

alter table actions add column copy text;
