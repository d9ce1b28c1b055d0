-- What operators did: the intent is written before the act, the outcome after it.

create table actions (
    id integer primary key autoincrement,
    at integer not null,
    finished_at integer,
    actor text not null,
    verb text not null,
    broker text not null,
    -- Null: an act on the broker as a whole.
    queue text,
    queue_name text,
    intent text not null,
    -- The operator's own words.
    reason text,
    -- running, done, failed, unknown
    outcome text not null,
    detail text
) strict;

create index actions_of_queue on actions (broker, queue, id);
create index actions_running on actions (id) where outcome = 'running';
