-- What the Cloud API said of tasks last.
--
-- Kept apart from the table `task`, which can be made again from what is said about tasks; this
-- cannot, for the vendor would have to be asked again. Conventions as in the first migration.

-- The latest report of each task that was ever asked about (`src/task/report.rs`). It is the newest
-- observation, too: one that says the same as the one before is no line of the timeline, and moves
-- `as_of` here.
create table task_report
(
    task          integer primary key references task (id),

    api           integer not null check (api between 1 and 4),

    -- Who asked: as in `observation`.
    source        integer not null check (source between 1 and 3),
    as_of         integer not null,         -- when it was asked
    at            integer not null,         -- since when it is known to be so
    word          blob    not null,         -- the vendor's
    session_id    blob,
    metadata      blob,                     -- JSON in canonical form

    -- As the vendor told them; null where it told nothing.
    outcome       integer check (outcome in (0, 1)),    -- 1: it did what it was told
    cost          blob,                     -- in USD, as the vendor writes it
    created_at    integer,
    started_at    integer,
    finished_at   integer,

    -- The files it made: a JSON list of `[id, name]`.
    files         blob    not null,

    -- Texts, each cut to 256 KiB. The widest are last, so that reading the rest passes over none.
    error         blob,
    instruction   blob,                     -- what it was told to do
    output        blob,
    output_is_cut integer not null check (output_is_cut in (0, 1))
) strict;
