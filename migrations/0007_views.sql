-- Ways to look at the table of queues, kept under a name for the whole team.

create table views (
    name text primary key collate nocase,
    broker text,
    kind text,
    q text,
    sort text,
    sort_order text,
    columns text,
    saved_at integer not null,
    saved_by text not null
) strict;
