-- What links to files are signed with.
--
-- Conventions as in the first migration.

-- One key, made when it was first needed. Whoever has it can make links that open files, so it
-- is shown nowhere; with another, every link that was sent before would be refused.
create table link_key
(
    id     integer primary key check (id = 1),
    secret text    not null
) strict;
