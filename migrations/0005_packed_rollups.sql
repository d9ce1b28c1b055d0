-- Roll-ups that are older than half a day: an hour of a series in one row, so that a chart of weeks reads a sixtieth
-- of the rows, from a file that is a fraction as large.

create table packed_rollups (
    -- Start of the hour.
    hour integer not null,
    series integer not null,
    -- Its one-minute roll-ups, as history::sqlite::packed writes them.
    minutes blob not null,
    primary key (hour, series)
) strict, without rowid;
