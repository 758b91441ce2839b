-- What was told of tasks, so that nobody hears of an end twice.
--
-- Conventions as in the first migration. Events stored before this table was here are not in it:
-- a repetition of their news is told once more, at most.

-- News that is told once: the start of a task, and the end of each of its turns. Written with the
-- event that tells it, in the same transaction.
create table told
(
    account  integer not null default 0,

    -- 16 octets of a hash over what kind of task it is and the vendor's id. The ids are random, so
    -- each end costs a commit a page of its own here; the rows are kept short for that.
    task     blob    not null,

    -- Of a session, which of its turns, from 1. Others have one.
    turn     integer not null,

    -- 0 it started, 1 it ended
    what     integer not null check (what between 0 and 1),

    -- The event that told it. Null: it was so before we looked for the first time. Then we tell it
    -- no more, and a webhook still may.
    event    integer,

    -- When that was so. What comes later is of a later turn.
    at       integer not null,

    -- 1: it ended for good.
    is_final integer not null check (is_final in (0, 1)),

    primary key (account, task, turn, what)
) strict, without rowid;

-- Events that say what another had told before: they are kept, and owe nothing.
create table echo
(
    event integer primary key references event (seq) on delete cascade,

    -- The event that told it.
    of    integer not null
) strict;

-- How far looking for missed news has come, for each place it looks at.
create table look
(
    place        text    primary key,       -- the version of the API
    -- When the last look began that was carried through.
    began_at integer not null
) strict, without rowid;
