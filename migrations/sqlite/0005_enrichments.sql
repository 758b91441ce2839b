-- What is sent of a task with the news of its end, to sinks that want it.
--
-- Conventions as in the first migration.

-- One for each event that is owed to such a sink, written with it in the same transaction; all of
-- these sinks share it. Once decided it is never changed: every attempt and every replay sends the
-- same.
create table enrichment
(
    event      integer primary key references event (seq) on delete cascade,

    -- When the event goes out without the task, if there is none by then.
    until      integer not null,

    -- When it was settled what is sent. Null: it is still asked for, and what stands below may
    -- become better.
    decided_at integer,

    -- The task as JSON, else why there is none. Both null: nobody answered yet.
    task       blob,
    reason     blob
) strict;

-- What is asked for, and whose time is up.
create index enrichment_open on enrichment (until) where decided_at is null;

-- 1: it is sent with the enrichment of its event, and not due before that is decided or its time is
-- up. Without a check: adding one would read the whole table.
alter table delivery add column enriched integer not null default 0;
