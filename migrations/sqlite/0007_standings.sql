-- How sinks stand: paused by somebody, or left alone by their breaker.
--
-- Conventions as in the first migration. SQLite reads a whole table to add a column to it, as it
-- does for every strict one: `sink` has a few rows, and `delivery` gets a table beside it instead.

-- Since when somebody has it paused. Null: nobody has.
alter table sink add column paused_at integer;

-- Since when its breaker is open, and when the next probe is due. Both null: it is closed.
alter table sink add column opened_at integer;
alter table sink add column probe_at integer;

-- For how long it stood still in all, in microseconds: paused, or with its breaker open. What it is
-- owed loses no patience in that time.
alter table sink add column stood_still integer not null default 0;

-- Since when it stands still now; that time is not in the sum yet. Null: it is served.
alter table sink add column still_since integer;

-- What a delivery's give-up clock has to know beside `first_attempt_at`: for how long its sink had
-- stood still by then. Only of deliveries that failed, to sinks that ever stood still: for all others
-- that is 0.
create table patience
(
    delivery    integer primary key references delivery (id) on delete cascade,
    stood_still integer not null            -- in microseconds
) strict;
