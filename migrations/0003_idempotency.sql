-- Keys that callers gave to their changes: a change is claimed before it is done, and its answer kept after it.

create table idempotency_keys (
    -- Who: each principal has keys of its own.
    owner text not null,
    key text not null,
    -- SHA-256 of the request.
    request blob not null,
    -- When it was claimed.
    at integer not null,
    -- running, answered, lost (Weir stopped in between)
    state text not null,
    -- JSON, where it was answered.
    answer text,
    primary key (owner, key)
) strict, without rowid;

create index idempotency_keys_by_age on idempotency_keys (at);
