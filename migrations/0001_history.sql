-- History: what was observed, and the time series of what was measured.
-- auto_vacuum = incremental is set when the file is created, before the first table.
--
-- Series are clustered by time first (a minute of samples, an hour of roll-ups) and by series second: an append
-- touches a few neighbouring pages, however many queues there are, and what is too old lies together.
-- So that a reader never looks back farther than an hour, every known value is written again once an hour;
-- within the hour an unchanged value is not.

create table brokers (
    id integer primary key autoincrement,
    name text not null unique,
    -- End of the last minute whose roll-ups are written.
    rolled_until integer not null default 0
) strict;

create table queues (
    id integer primary key autoincrement,
    broker integer not null references brokers (id),
    -- The id in addresses.
    key text not null,
    kind text not null,
    name text not null,
    scope text not null,
    -- Identity of the queue and of the source of its counters.
    epoch text not null,
    -- When it was on the broker last.
    last_seen integer not null,
    unique (broker, key)
) strict;

-- Ids are never used twice: the samples of a forgotten series stay until they are too old.
create table series (
    id integer primary key autoincrement,
    broker integer not null references brokers (id),
    -- Null: the sum over the broker's queues.
    queue integer references queues (id),
    metric text not null,
    -- Null: the queue as a whole. (`group` is a word of SQL.)
    consumer_group text,
    partition integer
) strict;

create index series_of_queue on series (queue);

-- Each observation, also a failed one: "unchanged" and "not observed" differ by what stands here.
create table observations (
    broker integer not null references brokers (id),
    t integer not null,
    ok integer not null,
    duration_ms integer not null,
    requests integer not null,
    bytes integer not null,
    -- Why it failed.
    reason text,
    primary key (broker, t)
) strict, without rowid;

-- The same counted by the minute, kept as long as roll-ups.
create table observed_minutes (
    broker integer not null references brokers (id),
    -- Start of the minute.
    t integer not null,
    ok integer not null,
    primary key (broker, t)
) strict, without rowid;

-- Stretches without an observation. No increase is reckoned across them.
create table gaps (
    broker integer not null references brokers (id),
    from_t integer not null,
    -- Null: it lasts.
    to_t integer,
    -- Why observations failed; empty where nothing observed.
    reason text not null,
    primary key (broker, from_t)
) strict, without rowid;

create table samples (
    -- Start of the minute.
    minute integer not null,
    series integer not null,
    t integer not null,
    -- Null: unknown from here on.
    value integer,
    -- 1: a counter began anew here, the increase since the sample before is unknown.
    starts integer not null,
    primary key (minute, series, t)
) strict, without rowid;

-- One-minute roll-ups. A minute that differs in nothing from the one before is left out.
create table rollups (
    -- Start of the hour.
    hour integer not null,
    series integer not null,
    -- Start of the minute.
    t integer not null,
    -- Null for counters, and where nothing was known.
    min integer,
    max integer,
    sum integer,
    -- Observations with a known value.
    count integer not null,
    -- The last reading; null: it was unknown.
    last integer,
    -- Of a counter: the increase that is known, and the milliseconds in which it came.
    increase integer not null,
    covered_ms integer not null,
    primary key (hour, series, t)
) strict, without rowid;
