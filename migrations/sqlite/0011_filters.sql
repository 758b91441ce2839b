-- How far the index of filters goes.
--
-- Conventions as in the first migration. From now on the newest events, some hundreds of them, are
-- stored and not in the index yet: whoever asks it looks through those, too. Up to here it has all.
insert into follower (name, seq)
select 'filters', coalesce(max(seq), 0) from event;
