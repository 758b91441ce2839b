-- The files of ended tasks that were copied before the vendor forgot them.
--
-- Conventions as in the first migration. Nothing is written here unless `capture.folder` is set.
-- How far the log was read for ends of tasks stands in `follower`, as `captures`.

-- A task that has ended, and whose files are kept or shall be.
create table capture
(
    task     integer primary key references task (id),

    -- When it ended, as far as anybody told. From then on the vendor keeps its files for 30 days.
    ended_at integer not null,

    -- When its files are fetched, first or again. Null: that is over.
    due_at   integer,

    -- How often that failed, and why the last time. Where it is over: why some could not be had.
    failures integer not null default 0,
    reason   blob
) strict;

-- What is still to be fetched, the most urgent first.
create index capture_due on capture (due_at) where due_at is not null;

-- A file that a task left behind, once it is decided what becomes of it.
create table task_file
(
    task         integer not null references capture (task),

    -- 0 output file, 1 screenshot
    kind         integer not null check (kind between 0 and 1),

    -- Its place among those of its kind, from 1, in the order in which we saw them.
    number       integer not null,

    -- What the vendor asks for it by, so that a second try knows it again; of a screenshot its
    -- number. And its name: both are shown, and no path is made of either.
    vendor_id    blob    not null,
    name         blob    not null,

    -- As whoever had it before said; null if they did not.
    content_type blob,

    decided_at   integer not null,

    -- Of a file that is kept: where it is below the folder, its length in bytes, and the SHA-256 of
    -- them in 32 octets. All null: it is not kept, and `reason` says why.
    path         text,
    size         integer,
    sha256       blob,
    reason       blob,

    primary key (task, kind, number),
    check ((path is null) = (size is null) and (path is null) = (sha256 is null)
           and (path is null) = (reason is not null))
) strict, without rowid;
